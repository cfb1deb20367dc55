// What a real Prometheus of a drill reads: our rules on a faster clock, and targets in files, so that instances come and go.

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';

import { parse, stringify } from 'yaml';

import { variable } from '../../../../src/config/environment.ts';
import { provide } from '../../../provide.ts';
import { scaleDuration, scaleRules } from '../../scaled-rules.ts';
import { ROOT } from '../stack.ts';

const FOLDER = join(ROOT, 'observability/prometheus');

export type PrometheusPrograms = { readonly prometheus: string; readonly promtool: string };

/** Of the variables PROMETHEUS and PROMTOOL; otherwise `.ci/engine prometheus` finds or downloads them. @returns the reason when there are none */
export const findPrometheus = (): PrometheusPrograms | string => {
  const [prometheus, promtool] = [variable(env, 'PROMETHEUS'), variable(env, 'PROMTOOL')];
  if (prometheus !== undefined && promtool !== undefined) return { prometheus, promtool };
  const found = provide('prometheus');
  if (typeof found === 'string') return `needs Prometheus: ${found}`;
  return { prometheus: found.PROMETHEUS ?? '', promtool: found.PROMTOOL ?? '' };
};

type Config = { scrape_configs: { job_name: string }[] };

const targetFile = (folder: string, job: string): string => join(folder, 'targets', `${job}.json`);

/** The settings `global` of a drill's Prometheus. */
export const SCALED_CLOCK = {
  scrape_interval: '1s',
  scrape_timeout: '1s',
  evaluation_interval: scaleDuration('30s'),
};

/** @param folder must exist */
export const writeScaledRules = (folder: string): void => {
  for (const name of readdirSync(join(FOLDER, 'rules')))
    writeFileSync(join(folder, name), scaleRules(readFileSync(join(FOLDER, 'rules', name), 'utf8')));
};

/** Writes configuration and rules. @param folder removed by the caller */
export const prepareFolder = (folder: string): void => {
  const { scrape_configs: jobs } = parse(readFileSync(join(FOLDER, 'prometheus.yml'), 'utf8')) as Config;
  mkdirSync(join(folder, 'rules'), { recursive: true });
  mkdirSync(join(folder, 'targets'));
  writeScaledRules(join(folder, 'rules'));
  const config = {
    global: SCALED_CLOCK,
    rule_files: ['rules/*.yaml'],
    scrape_configs: jobs.map(({ job_name: job }) => ({
      job_name: job,
      file_sd_configs: [{ files: [targetFile(folder, job)] }],
    })),
  };
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
};

/** Takes effect at once: Prometheus watches the files. */
export const setTargets = (folder: string, job: string, targets: readonly string[]): void => {
  const draft = `${targetFile(folder, job)}.draft`;
  writeFileSync(draft, JSON.stringify([{ targets }]));
  renameSync(draft, targetFile(folder, job));
};
