// Renders the chart with helm. HELM and KUBECONFORM are the paths of the programs when they are not on PATH.

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

import { parseAllDocuments } from 'yaml';

import type { Manifest } from './manifest.ts';
import { variable } from '../../../src/config/environment.ts';

export const CHART = join(import.meta.dirname, '../../../helm/user-service');
export const ENVIRONMENTS = readdirSync(CHART).flatMap((file) => /^values-(\w+)\.yaml$/.exec(file)?.[1] ?? []);

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const OPERATOR = ['ServiceMonitor', 'PrometheusRule'].flatMap((kind) => [
  '--api-versions',
  `monitoring.coreos.com/v1/${kind}`,
]);

type Options = {
  readonly environment?: string;
  readonly release?: string;
  /** Arguments of `--set`, e.g. `api.replicas=3`. */
  readonly set?: readonly string[];
  /** The content of a further values file. Unlike `--set`, it gives Helm floating-point numbers. */
  readonly values?: object;
  /** Whether the cluster has the Prometheus operator. */
  readonly operator?: boolean;
};

/** @throws Error with helm's error output in `stderr` */
export const render = async (options: Options = {}): Promise<string> => {
  const { environment = 'dev', release = 'users', set = [], values = {}, operator = false } = options;
  const files = [join(CHART, `values-${environment}.yaml`), '-'].flatMap((file) => ['--values', file]);
  const pairs = set.flatMap((pair) => ['--set', pair]);
  const args = ['template', release, CHART, '--namespace', 'users', ...files, ...pairs, ...(operator ? OPERATOR : [])];
  const running = promisify(execFile)(variable(env, 'HELM') ?? 'helm', args, { maxBuffer: MAX_OUTPUT_BYTES });
  running.child.stdin?.end(JSON.stringify(values));
  return (await running).stdout;
};

/** @throws Error for the first document that is not valid YAML */
export const readManifests = (text: string): Manifest[] =>
  parseAllDocuments(text).flatMap((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    const manifest = document.toJS() as Manifest | null;
    return manifest === null ? [] : [manifest];
  });

/** The error output of helm; undefined when rendering succeeds. */
export const renderErrorOf = (options: Options): Promise<string | undefined> =>
  render(options).then(
    () => undefined,
    (error: unknown) => (error as { stderr: string }).stderr,
  );
