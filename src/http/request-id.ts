import { randomBytes } from 'node:crypto';

/** Ids that differ between processes and cost a counter: what a log line and a problem share when no trace runs. */
export const makeNextRequestId = (): (() => string) => {
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  return () => `${prefix}-${(++count).toString(36)}`;
};
