// Global setup of the container suites: without a Docker engine they are skipped with a message; in continuous integration they fail.

import { env } from 'node:process';

import type { TestProject } from 'vitest/node';

import { docker } from './docker-command.ts';
import { isDockerReachable } from './docker-engine.ts';

/** Describes what is missing; undefined if nothing is. */
const whatIsMissing = async (): Promise<string | undefined> => {
  if (!(await isDockerReachable())) return 'no Docker engine is available';
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
