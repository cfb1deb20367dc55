// The proof that this run can fail: an api whose files nobody replaces, so that it keeps a login that was removed.

import { cpSync } from 'node:fs';
import { join } from 'node:path';

import { eventually } from '../../test/support/eventually.ts';
import { makeLoad } from './load/load.ts';
import type { Stack } from './stack.ts';

const PATIENCE = { deadlineMs: 20_000, everyMs: 200 };
const RATE = 5;

/** Resolves when its users send requests. */
export const startControl = async (stack: Stack) => {
  const directory = join(stack.folder, 'copied-secrets');
  cpSync(stack.agents.get('api')?.secrets ?? '', directory, { recursive: true });
  const { instance, port } = await stack.start('api', directory, 'api-without-rotation');
  const load = makeLoad({ ...stack, port });
  await instance.ready();
  await load.prepare();
  load.setRate(RATE);
  return {
    /** @returns the failures that come after this moment: there have to be some, because the others have new logins now */
    end: async (): Promise<readonly string[]> => {
      const before = load.failures().length;
      try {
        return await eventually(() => {
          const failures = load.failures().slice(before);
          if (failures.length === 0) throw new Error('no request fails although the login was removed');
          return [...new Set(failures.map(({ what }) => what))];
        }, PATIENCE);
      } catch {
        return [];
      } finally {
        load.end();
        await instance.end('SIGKILL');
      }
    },
  };
};
