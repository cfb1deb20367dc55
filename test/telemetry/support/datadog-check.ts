// Datadog's OpenMetrics check, from PyPI, in a virtual environment of its own: what an agent would submit.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PLACE = join(import.meta.dirname, '../../../.cache/datadog-check');
const PYTHON = join(PLACE, 'bin/python');
const SCRIPT = join(import.meta.dirname, 'openmetrics-check.py');
const REQUIREMENTS = join(import.meta.dirname, 'openmetrics-check.requirements.txt');
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

export type Submission = {
  readonly name: string;
  /** The method of the check that submits it, or `distribution` for the bucket of one. */
  readonly type: string;
  readonly value: number;
  readonly tags: readonly string[];
};

/** 55 MB, installed with the first run. @returns why the check can't be run; undefined if it can */
export const whyNoDatadogCheck = async (): Promise<string | undefined> => {
  const done = join(PLACE, 'installed.txt');
  const required = await readFile(REQUIREMENTS, 'utf8');
  if ((await readFile(done, 'utf8').catch(() => '')) === required) return undefined;
  try {
    await run('python3', ['-m', 'venv', '--clear', PLACE]);
    await run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS]);
    await writeFile(done, required);
    return undefined;
  } catch (error) {
    if (env.CI === 'true') throw error;
    return `datadog-checks-base can't be installed: ${(error as Error).message.split('\n').at(-2) ?? ''}`;
  }
};

/**
 * Scrapes twice, and returns what the second run submits.
 * @param conf path of a conf.yaml; its endpoints are replaced by `url`
 */
export const runDatadogCheck = async (conf: string, url: string): Promise<Submission[]> => {
  const { stdout } = await run(PYTHON, [SCRIPT, conf, url], { maxBuffer: MAX_OUTPUT_BYTES });
  return JSON.parse(stdout) as Submission[];
};
