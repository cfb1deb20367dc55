// A real Prometheus with our configuration and rules, only faster: it scrapes and evaluates every second.

import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse, stringify } from 'yaml';

import { startNativePrometheus } from '../../support/native/prometheus.ts';

const FOLDER = join(import.meta.dirname, '../../../observability/prometheus');

type Config = {
  global: Record<string, string>;
  alerting?: unknown;
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
};
export type Sample = { readonly metric: Readonly<Record<string, string>>; readonly value: [number, string] };
export type Exemplar = { readonly labels: Readonly<Record<string, string>>; readonly value: string };
type Answer<T> = { readonly status: string; readonly error?: string; readonly data: T };

const writeConfig = (folder: string, targets: Readonly<Record<string, string>>): void => {
  cpSync(FOLDER, folder, { recursive: true });
  const path = join(folder, 'prometheus.yml');
  const config = parse(readFileSync(path, 'utf8')) as Config;
  config.global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  delete config.alerting;
  for (const { job_name: job, static_configs: found } of config.scrape_configs) {
    const target = targets[job]; // eslint-disable-line security/detect-object-injection -- a job of our own file
    if (target === undefined) throw new Error(`no process for the job ${job}`);
    found.splice(0, found.length, { targets: [new URL(target).host] });
  }
  writeFileSync(path, stringify(config));
  for (const name of readdirSync(join(folder, 'rules'))) {
    const file = join(folder, 'rules', name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/interval: \w+/g, 'interval: 1s'));
  }
};

/** @param targets URLs of management servers, by the names of the jobs */
export const startPrometheus = async (program: string, targets: Readonly<Record<string, string>>) => {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  writeConfig(folder, targets);
  const { url, close } = await startNativePrometheus(program, folder, ['--enable-feature=exemplar-storage']);

  const get = async <T>(path: string, parameters: Record<string, string>): Promise<T> => {
    const response = await fetch(`${url}${path}?${new URLSearchParams(parameters).toString()}`);
    const { status, error, data } = (await response.json()) as Answer<T>;
    if (status !== 'success') throw new Error(error ?? `${path} returned ${response.status}`);
    return data;
  };
  return {
    /** An instant query. @throws Error when Prometheus refuses the expression */
    query: async (query: string): Promise<Sample[]> => {
      const { result, resultType } = await get<{ resultType: string; result: Sample[] }>('/api/v1/query', { query });
      if (resultType !== 'vector') throw new Error(`${query} gives a ${resultType}`);
      return result;
    },
    /** Of all series that the query selects, in the last ten minutes. */
    exemplars: async (query: string): Promise<Exemplar[]> => {
      const now = Date.now() / 1000;
      const range = { start: `${now - 600}`, end: `${now + 1}` };
      const found = await get<{ exemplars: Exemplar[] }[]>('/api/v1/query_exemplars', { query, ...range });
      return found.flatMap(({ exemplars }) => exemplars);
    },
    stop: async (): Promise<void> => {
      await close();
      rmSync(folder, { recursive: true });
    },
  };
};

export type Prometheus = Awaited<ReturnType<typeof startPrometheus>>;
