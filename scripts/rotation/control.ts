// The proof that this run can fail: an api whose files nobody replaces, so that it keeps the credentials of a lease that has ended.

import { cpSync } from 'node:fs';
import { join } from 'node:path';

import { eventually } from '../../test/support/eventually.ts';
import { makeLoad, type Load } from './load/load.ts';
import type { Stack } from './stack.ts';

const PATIENCE = { deadlineMs: 60_000, everyMs: 200 };
const RATE = 5;

class NothingFails extends Error {}

const userFailures = async (load: Load): Promise<readonly string[]> => {
  await load.prepare();
  load.setRate(RATE);
  return eventually(() => {
    if (load.failures().length === 0) throw new NothingFails();
    return [...new Set(load.failures().map(({ what }) => what))];
  }, PATIENCE);
};

/** @returns what fails: there has to be something */
export const runControl = async (stack: Stack): Promise<readonly string[]> => {
  const directory = join(stack.folder, 'copied-secrets');
  cpSync(stack.agents.get('api')?.secrets ?? '', directory, { recursive: true });
  const { instance, port } = await stack.start('api', directory, 'api-without-rotation');
  const load = makeLoad({ ...stack, port });
  try {
    await instance.ready();
    return await userFailures(load);
  } catch (error) {
    // on a slow machine its login may end before it is ready, or before users are registered
    return error instanceof NothingFails ? [] : [error instanceof Error ? error.message : String(error)];
  } finally {
    load.end();
    await instance.end('SIGKILL');
  }
};
