import { randomBytes } from 'node:crypto';

/** Ids that are unique across processes at the cost of a counter: a log line and a problem share one when there is no trace. */
export const makeNextRequestId = (): (() => string) => {
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  return () => `${prefix}-${(++count).toString(36)}`;
};
