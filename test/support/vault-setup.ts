// Global setup of the tests with Vault: without the program they are skipped with a message; in continuous integration they fail.

import { env } from 'node:process';

import type { TestProject } from 'vitest/node';
import { provide } from '../../scripts/provide.ts';

export const setup = (project: TestProject): void => {
  const provided = provide('vault');
  if (typeof provided !== 'string') {
    Object.assign(env, provided);
    return;
  }
  if (env.CI === 'true') throw new Error(`The ${project.name} tests can't run: ${provided}.`);
  process.stdout.write(`SKIPPED: the ${project.name} tests, because ${provided}.\n`);
  project.config.testNamePattern = /^(?!)/;
};
