// Global setup of the tests of encrypted secrets: without sops, age, gitleaks and helm they are skipped with a message; in continuous integration they fail.
// Go builds sops for minutes, once.

import { env } from 'node:process';

import type { TestProject } from 'vitest/node';

import { provide, type Need } from '../../scripts/provide.ts';

const NEEDS: readonly Need[] = ['sops', 'gitleaks', 'helm'];

export const setup = (project: TestProject): void => {
  for (const need of NEEDS) {
    const provided = provide(need);
    if (typeof provided !== 'string') {
      Object.assign(env, { ...provided, ...env });
      continue;
    }
    if (env.CI === 'true') throw new Error(`The ${project.name} tests can't run: ${provided}.`);
    process.stdout.write(`SKIPPED: the ${project.name} tests: ${provided}.\n`);
    project.config.testNamePattern = /^(?!)/;
  }
};
