import { env } from 'node:process';

import type { TestProject } from 'vitest/node';

import { WAYS, type Way } from './servers.ts';
import type { Supply } from './native/supplies.ts';

/** TEST_SERVERS forces one way. */
const allowedWays = (): readonly Way[] => {
  const wanted = env.TEST_SERVERS ?? '';
  if (wanted === '') return WAYS;
  const way = WAYS.find((known) => known === wanted);
  if (way === undefined) throw new Error(`TEST_SERVERS is one of ${WAYS.join(', ')}`);
  return [way];
};

/** No test of the project runs, and coverage has no gate to pass. In continuous integration that is a failure. */
const skipAll = (project: TestProject): void => {
  if (env.CI === 'true') throw new Error(`The ${project.name} tests found no servers to run on.`);
  process.stdout.write(`SKIPPED: the ${project.name} tests, for want of servers; coverage is not judged.\n`);
  project.config.testNamePattern = /^(?!)/;
  delete project.vitest.config.coverage.thresholds;
};

/**
 * The global set-up of a project: finds or starts what it asks for, prints one line per server, and gives back what stops
 * them. What another project of the same run has found already is used as well, not started again.
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
