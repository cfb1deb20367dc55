// Retries a call after a transient error. The caller decides whether a retry is safe; the error decides whether it can succeed.

import { setTimeout as pause } from 'node:timers/promises';

import { ProblemError, UnreachableError, UnexpectedResponseError } from './errors.ts';

type Deps = {
  /** Maximum number of attempts after the first one. */
  readonly retries: number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Returns a number from 0 to 1. */
  readonly random?: () => number;
};

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 2000;

/** Delay before the next attempt in milliseconds; undefined when the error is not retryable. */
const delayAfter = (error: unknown, attempt: number, random: () => number): number | undefined => {
  if (error instanceof UnreachableError) {
    return Math.min(FIRST_DELAY_MS * 2 ** attempt, MAX_DELAY_MS) * (0.5 + random() / 2);
  }
  if (!(error instanceof ProblemError || error instanceof UnexpectedResponseError)) return undefined;
  const { status, retryAfterSeconds } = error;
  return (status === 503 || status === 429) && retryAfterSeconds !== undefined ? retryAfterSeconds * 1000 : undefined;
};

/** When the delay would exceed the deadline, the last error is thrown immediately. */
export const makeRetry =
  ({ retries, wait = (ms, signal) => pause(ms, undefined, { signal }), random = Math.random }: Deps) =>
  async <T>(work: () => Promise<T>, { deadline, signal }: { deadline: number; signal: AbortSignal }): Promise<T> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        const ms = attempt < retries ? delayAfter(error, attempt, random) : undefined;
        if (ms === undefined || performance.now() + ms >= deadline) throw error;
        await wait(ms, signal);
      }
    }
  };
