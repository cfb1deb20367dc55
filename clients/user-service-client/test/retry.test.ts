import { describe, expect, it } from 'vitest';

import { ProblemError, UnreachableError } from '../src/user-service-client.ts';
import { makeRetry } from '../src/retry.ts';

const problem = { type: '', title: '', status: 503, code: 'STORE_UNAVAILABLE', traceId: '' };
const busy = new ProblemError(problem, { operation: 'readUser', status: 503, retryAfterSeconds: 3 });
const gone = new UnreachableError('gone', { operation: 'readUser' });

const waitsFor = async (error: Error, { retries = 3, random = 0.5 } = {}) => {
  const waits: number[] = [];
  const wait = (ms: number) => Promise.resolve(waits.push(ms));
  const retry = makeRetry({ retries, wait, random: () => random });
  const { signal } = new AbortController();
  await retry(() => Promise.reject(error), { deadline: performance.now() + 60_000, signal }).catch(() => undefined);
  return waits;
};

describe('a retry', () => {
  it('waits for as long as the service says', async () => {
    expect(await waitsFor(busy)).toEqual([3000, 3000, 3000]);
  });

  it('waits twice as long each time when there was no connection, up to 2 s', async () => {
    expect(await waitsFor(gone, { retries: 6, random: 1 })).toEqual([100, 200, 400, 800, 1600, 2000]);
  });

  it('waits a random time between half and all of that, so that callers do not come back together', async () => {
    expect(await waitsFor(gone, { retries: 1, random: 0 })).toEqual([50]);
  });

  it('does not wait for what another try does not mend', async () => {
    expect(await waitsFor(new TypeError('a mistake'))).toEqual([]);
  });
});
