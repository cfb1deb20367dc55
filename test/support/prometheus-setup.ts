// Global setup of the tests of rules: without the programs of Prometheus they are skipped with a message; in continuous integration they fail.

import { execFile } from 'node:child_process';
import { env } from 'node:process';
import { promisify } from 'node:util';

import type { TestProject } from 'vitest/node';
import { provide } from '../../scripts/provide.ts';
import { variable } from '../../src/config/environment.ts';

/** @returns what can't be run */
const missingPrograms = async (): Promise<string[]> => {
  const required = [variable(env, 'PROMTOOL') ?? 'promtool', variable(env, 'AMTOOL') ?? 'amtool'];
  const results = await Promise.allSettled(required.map((program) => promisify(execFile)(program, ['--version'])));
  return required.filter((_program, index) => results.at(index)?.status === 'rejected');
};

export const setup = async (project: TestProject): Promise<void> => {
  if ((await missingPrograms()).length > 0) Object.assign(env, provide('prometheus'));
  const missing = await missingPrograms();
  if (missing.length === 0) return;
  const reason = `${missing.join(' and ')} can't be run; PROMTOOL and AMTOOL can be set to their paths`;
  if (env.CI === 'true') throw new Error(`The ${project.name} tests can't run: ${reason}.`);
  process.stdout.write(`SKIPPED: the ${project.name} tests, because ${reason}.\n`);
  project.config.testNamePattern = /^(?!)/;
};
