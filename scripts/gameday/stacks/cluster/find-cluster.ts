// Whether a game day on a cluster can run here, and what is missing otherwise.

import { spawnSync } from 'node:child_process';
import { env } from 'node:process';

import { variable } from '../../../../src/config/environment.ts';
import { KIND_CLUSTER, useCluster, whichCluster } from '../../../kubernetes/cluster.ts';
import { provide } from '../../../provide.ts';
import { findPrometheus } from '../native/prometheus.ts';

const isInstalled = (program: string): boolean =>
  spawnSync(program, ['--help'], { stdio: 'ignore' }).error === undefined;

/** The cluster of `npm run demo:kind`. Another one of kind is named by KUBECONFIG. */
const usesKind = (): boolean => {
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- runs on a developer's machine
  const { stdout, error } = spawnSync('kind', ['get', 'clusters'], { encoding: 'utf8' });
  if (error !== undefined || !stdout.split('\n').includes(KIND_CLUSTER)) return false;
  useCluster(whichCluster());
  return true;
};

/** Puts what kubectl, helm and docker need into the environment. @returns the path of promtool, or the reason when a game day can't run */
export const findCluster = (): { readonly promtool: string } | string => {
  const provided = provide('cluster');
  if (typeof provided !== 'string') Object.assign(env, provided);
  else if (!usesKind()) return `needs a cluster: ${provided}, and npm run demo:kind has made none`;
  const programs = [variable(env, 'KUBECTL') ?? 'kubectl', variable(env, 'HELM') ?? 'helm', 'docker', 'psql'];
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length > 0) return `needs ${missing.join(', ')} on PATH`;
  const prometheus = findPrometheus();
  return typeof prometheus === 'string' ? prometheus : { promtool: prometheus.promtool };
};
