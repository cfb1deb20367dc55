// Global setup of the tests on a cluster: without KUBECONFIG they are skipped with a message; in continuous integration they fail.

import { env } from 'node:process';

import type { TestProject } from 'vitest/node';
import { variable } from '../../src/config/environment.ts';

export const setup = (project: TestProject): void => {
  if (variable(env, 'KUBECONFIG') !== undefined) return;
  const reason = 'KUBECONFIG does not name a cluster';
  if (env.CI === 'true') throw new Error(`The ${project.name} tests can't run: ${reason}.`);
  process.stdout.write(`SKIPPED: the ${project.name} tests, because ${reason}.\n`);
  project.config.testNamePattern = /^(?!)/;
};
