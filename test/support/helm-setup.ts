// Global setup of the chart tests: without helm or kubeconform they are skipped with a message; in continuous integration they fail.

import { execFile } from 'node:child_process';
import { env } from 'node:process';
import { promisify } from 'node:util';

import type { TestProject } from 'vitest/node';
import { variable } from '../../src/config/environment.ts';

const REQUIRED: [string, string[]][] = [
  [variable(env, 'HELM') ?? 'helm', ['version']],
  [variable(env, 'KUBECONFORM') ?? 'kubeconform', ['-v']],
];

const whatIsMissing = async (): Promise<string[]> => {
  const results = await Promise.allSettled(REQUIRED.map(([program, args]) => promisify(execFile)(program, args)));
  return REQUIRED.map(([program]) => program).filter((_, index) => results.at(index)?.status === 'rejected');
};

export const setup = async (project: TestProject): Promise<void> => {
  const missing = await whatIsMissing();
  if (missing.length === 0) return;
  const reason = `${missing.join(' and ')} can't be run; HELM and KUBECONFORM can be set to their paths`;
  if (env.CI === 'true') throw new Error(`The ${project.name} tests can't run: ${reason}.`);
  process.stdout.write(`SKIPPED: the ${project.name} tests, because ${reason}.\n`);
  project.config.testNamePattern = /^(?!)/;
};
