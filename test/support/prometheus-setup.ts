// Global setup of the tests of rules: without the programs of Prometheus they are skipped with a message; in continuous integration they fail.

import { execFile } from 'node:child_process';
import { env } from 'node:process';
import { promisify } from 'node:util';

import type { TestProject } from 'vitest/node';
import { variable } from '../../src/config/environment.ts';
import { providePrometheus } from './prometheus-if-available.ts';

export const setup = async (project: TestProject): Promise<void> => {
  const unavailable = providePrometheus() ?? '';
  const required = [variable(env, 'PROMTOOL') ?? 'promtool', variable(env, 'AMTOOL') ?? 'amtool'];
  const results = await Promise.allSettled(required.map((program) => promisify(execFile)(program, ['--version'])));
  const missing = required.filter((_program, index) => results.at(index)?.status === 'rejected');
  if (missing.length === 0) return;
  const reason = `${missing.join(' and ')} can't be run (${unavailable}); PROMTOOL and AMTOOL can be set to their paths`;
  if (env.CI === 'true') throw new Error(`The ${project.name} tests can't run: ${reason}.`);
  process.stdout.write(`SKIPPED: the ${project.name} tests, because ${reason}.\n`);
  project.config.testNamePattern = /^(?!)/;
};
