// The proof that this run can fail: an api whose files nobody replaces, so that it keeps the credentials of a lease that has ended.

import { cpSync } from 'node:fs';
import { join } from 'node:path';

import { eventually } from '../../test/support/eventually.ts';
import { makeLoad } from './load/load.ts';
import type { Stack } from './stack.ts';

const PATIENCE = { deadlineMs: 60_000, everyMs: 200 };
const RATE = 5;

/** @returns the failures of its users: there have to be some */
export const runControl = async (stack: Stack): Promise<readonly string[]> => {
  const directory = join(stack.folder, 'copied-secrets');
  cpSync(stack.agents.get('api')?.secrets ?? '', directory, { recursive: true });
  const { instance, port } = await stack.start('api', directory, 'api-without-rotation');
  const load = makeLoad({ ...stack, port });
  try {
    await instance.ready();
    await load.prepare();
    load.setRate(RATE);
    await eventually(() => {
      if (load.failures().length === 0) throw new Error('no request fails although the lease has ended');
    }, PATIENCE);
    return [...new Set(load.failures().map(({ what }) => what))];
  } catch (error) {
    // it did not even start, or users could not register, with a login that had ended
    return load.failures().length > 0 || instance.state() === 'down' ? [String(error)] : [];
  } finally {
    load.end();
    await instance.end('SIGKILL');
  }
};
