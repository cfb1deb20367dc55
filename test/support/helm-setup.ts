// The global set-up of the tests of the chart: without helm or kubeconform they are skipped with a clear word, in continuous integration they fail.

import { execFile } from 'node:child_process';
import { env } from 'node:process';
import { promisify } from 'node:util';

import type { TestProject } from 'vitest/node';

const NEEDED: [string, string[]][] = [
  [env.HELM ?? 'helm', ['version']],
  [env.KUBECONFORM ?? 'kubeconform', ['-v']],
];

const whatIsMissing = async (): Promise<string[]> => {
  const answers = await Promise.allSettled(NEEDED.map(([program, args]) => promisify(execFile)(program, args)));
  return NEEDED.map(([program]) => program).filter((_, index) => answers.at(index)?.status === 'rejected');
};

export const setup = async (project: TestProject): Promise<void> => {
  const missing = await whatIsMissing();
  if (missing.length === 0) return;
  const reason = `${missing.join(' and ')} can't be run; HELM and KUBECONFORM may name them`;
  if (env.CI === 'true') throw new Error(`The ${project.name} tests can't run: ${reason}.`);
  process.stdout.write(`SKIPPED: the ${project.name} tests, because ${reason}.\n`);
  project.config.testNamePattern = /^(?!)/;
};
