import { describe, expect, it } from 'vitest';

import { ProblemError, UnreachableError } from '../src/user-service-client.ts';
import { makeRetry } from '../src/retry.ts';

const problem = { type: '', title: '', status: 503, code: 'STORE_UNAVAILABLE', traceId: '' };
const busy = new ProblemError(problem, { operation: 'readUser', status: 503, retryAfterSeconds: 3 });
const unreachable = new UnreachableError('unreachable', { operation: 'readUser' });

const delaysAfter = async (error: Error, { retries = 3, random = 0.5 } = {}) => {
  const delays: number[] = [];
  const wait = (ms: number) => Promise.resolve(delays.push(ms));
  const retry = makeRetry({ retries, wait, random: () => random });
  const { signal } = new AbortController();
  await retry(() => Promise.reject(error), { deadline: performance.now() + 60_000, signal }).catch(() => undefined);
  return delays;
};

describe('a retry', () => {
  it('waits as long as Retry-After says', async () => {
    expect(await delaysAfter(busy)).toEqual([3000, 3000, 3000]);
  });

  it('doubles the delay after each connection failure, up to 2 s', async () => {
    expect(await delaysAfter(unreachable, { retries: 6, random: 1 })).toEqual([100, 200, 400, 800, 1600, 2000]);
  });

  it('randomises the delay between 50 % and 100 %, so that clients do not retry at the same time', async () => {
    expect(await delaysAfter(unreachable, { retries: 1, random: 0 })).toEqual([50]);
  });

  it('does not retry an error that a retry cannot fix', async () => {
    expect(await delaysAfter(new TypeError('a bug'))).toEqual([]);
  });
});
