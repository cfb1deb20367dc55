// A real Prometheus with our configuration and rules, only faster: it scrapes and evaluates every second.

import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse, stringify } from 'yaml';

import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';

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
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    program,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
      '--enable-feature=exemplar-storage',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise((resolve) => child.once('close', resolve));

  const get = async <T>(path: string, parameters: Record<string, string>): Promise<T> => {
    const response = await fetch(`${url}${path}?${new URLSearchParams(parameters).toString()}`);
    const { status, error, data } = (await response.json()) as Answer<T>;
    if (status !== 'success') throw new Error(error ?? `${path} returned ${response.status}`);
    return data;
  };
  await eventually(
    async () => {
      const { status } = await fetch(`${url}/-/ready`);
      if (status !== 200) throw new Error(`Prometheus is not ready: ${output}`);
    },
    { deadlineMs: 20_000 },
  );
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
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
};

export type Prometheus = Awaited<ReturnType<typeof startPrometheus>>;
