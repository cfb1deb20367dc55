import { AssertionError } from 'node:assert';

import type { Answer } from './api.ts';

/** The body of an answer that has one of the statuses (and the code, when one is named). @throws AssertionError */
export const expectStatus = <T>(answer: Answer<T>, expected: number | readonly number[], code?: string): T => {
  const statuses = [expected].flat();
  const isAsExpected = statuses.includes(answer.status) && (code === undefined || answer.code === code);
  if (isAsExpected) return answer.body;
  const actual = [answer.status, answer.code].join(' ').trim();
  const wanted = [statuses.join(' or '), code].join(' ').trim();
  throw new AssertionError({
    message: `answered ${actual} instead of ${wanted}`,
    actual,
    expected: wanted,
    stackStartFn: expectStatus,
  });
};
