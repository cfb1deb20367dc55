import { AssertionError } from 'node:assert';

import type { ApiResponse } from './api.ts';

/** Returns the body of a response that has one of the statuses, and the code when one is given. @throws AssertionError */
export const expectStatus = <T>(response: ApiResponse<T>, expected: number | readonly number[], code?: string): T => {
  const statuses = [expected].flat();
  const isAsExpected = statuses.includes(response.status) && (code === undefined || response.code === code);
  if (isAsExpected) return response.body;
  const actual = [response.status, response.code].join(' ').trim();
  const expectedText = [statuses.join(' or '), code].join(' ').trim();
  throw new AssertionError({
    message: `expected ${expectedText}, received ${actual}`,
    actual,
    expected: expectedText,
    stackStartFn: expectStatus,
  });
};
