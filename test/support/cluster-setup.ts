// Global setup of the tests on a cluster: without KUBECONFIG they are skipped with a message; in continuous integration they fail.

import { env } from 'node:process';

import type { TestProject } from 'vitest/node';
import { variable } from '../../src/config/environment.ts';
import { provideServerImages } from '../../scripts/kubernetes/server-images.ts';

export const setup = async (project: TestProject): Promise<void> => {
  if (variable(env, 'KUBECONFIG') !== undefined) {
    if (variable(env, 'LOAD_IMAGE') !== undefined)
      await provideServerImages((line) => process.stdout.write(`${line}\n`));
    return;
  }
  const reason = 'KUBECONFIG does not name a cluster';
  if (env.CI === 'true') throw new Error(`The ${project.name} tests can't run: ${reason}.`);
  process.stdout.write(`SKIPPED: the ${project.name} tests, because ${reason}.\n`);
  project.config.testNamePattern = /^(?!)/;
};
