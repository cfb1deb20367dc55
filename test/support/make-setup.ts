import { env } from 'node:process';

import type { TestProject } from 'vitest/node';

import { WAYS, type Way } from './servers.ts';
import type { Supply } from './native/supplies.ts';

/** TEST_SERVERS selects one way. */
const allowedWays = (): readonly Way[] => {
  const selected = env.TEST_SERVERS ?? '';
  if (selected === '') return WAYS;
  const way = WAYS.find((known) => known === selected);
  if (way === undefined) throw new Error(`TEST_SERVERS must be one of ${WAYS.join(', ')}`);
  return [way];
};

/** Skips all tests of the project and the coverage thresholds. In continuous integration that is a failure. */
const skipAll = (project: TestProject): void => {
  if (env.CI === 'true') throw new Error(`The ${project.name} tests found no servers to run on.`);
  process.stdout.write(
    `SKIPPED: the ${project.name} tests, because no servers are available; coverage is not checked.\n`,
  );
  project.config.testNamePattern = /^(?!)/;
  delete project.vitest.config.coverage.thresholds;
};

/**
 * Global setup of a test project: finds or starts its servers, prints one line per server, and returns a function that stops them. Servers that
 * another project of the same run has started are reused.
 */
export const makeSetup =
  (supplies: readonly Supply[]) =>
  async (project: TestProject): Promise<() => Promise<void>> => {
    const ways = allowedWays();
    const known = project.getProvidedContext();
    const missing = supplies.filter(({ key }) => !(key in known));
    const found = await Promise.all(missing.map(async ({ key, find }) => ({ key, ...(await find(ways)) })));
    const stop = async (): Promise<void> => {
      await Promise.all(found.flatMap(({ running }) => running?.stop() ?? []));
    };
    if (found.length > 0) process.stdout.write(`${found.map(({ report }) => report).join('\n')}\n`);
    if (found.some(({ running }) => running === undefined)) {
      await stop();
      skipAll(project);
      return () => Promise.resolve();
    }
    for (const { key, running } of found) if (running !== undefined) project.vitest.provide(key, running.server);
    return stop;
  };
