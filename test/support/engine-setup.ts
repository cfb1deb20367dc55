// The global set-up of suites that are about containers: without an engine they are skipped with a clear word, in continuous integration they fail.

import { env } from 'node:process';

import type { TestProject } from 'vitest/node';

import { docker } from './docker-command.ts';
import { dockerAnswers } from './docker-engine.ts';

/** What is missing, as the end of a sentence; undefined: nothing. */
const whatIsMissing = async (): Promise<string | undefined> => {
  if (!(await dockerAnswers())) return 'no Docker engine answers';
  const plugins = await Promise.allSettled([docker(['compose', 'version']), docker(['buildx', 'version'])]);
  return plugins.every(({ status }) => status === 'fulfilled')
    ? undefined
    : 'docker has no compose or no buildx plugin';
};

export const setup = async (project: TestProject): Promise<void> => {
  const missing = await whatIsMissing();
  if (missing === undefined) return;
  if (env.CI === 'true') throw new Error(`The ${project.name} tests can't run: ${missing}.`);
  process.stdout.write(`SKIPPED: the ${project.name} tests, because ${missing}.\n`);
  project.config.testNamePattern = /^(?!)/;
};
