// Tries a call again when that is safe and promises something: the caller of this decides the first, the error the second.

import { setTimeout as pause } from 'node:timers/promises';

import { ProblemError, UnreachableError, UnreadableAnswerError } from './errors.ts';

type Deps = {
  /** How often after the first try. */
  readonly retries: number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** From 0 to 1. */
  readonly random?: () => number;
};

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;

/** Milliseconds to wait before trying again; undefined when trying again is of no use. */
const waitAfter = (error: unknown, attempt: number, random: () => number): number | undefined => {
  if (error instanceof UnreachableError) {
    return Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS) * (0.5 + random() / 2);
  }
  if (!(error instanceof ProblemError || error instanceof UnreadableAnswerError)) return undefined;
  const { status, retryAfterSeconds } = error;
  return (status === 503 || status === 429) && retryAfterSeconds !== undefined ? retryAfterSeconds * 1000 : undefined;
};

/** A wait that would not end in time is not begun: the last error is thrown at once. */
export const makeRetry =
  ({ retries, wait = (ms, signal) => pause(ms, undefined, { signal }), random = Math.random }: Deps) =>
  async <T>(work: () => Promise<T>, { deadline, signal }: { deadline: number; signal: AbortSignal }): Promise<T> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        const ms = attempt < retries ? waitAfter(error, attempt, random) : undefined;
        if (ms === undefined || performance.now() + ms >= deadline) throw error;
        await wait(ms, signal);
      }
    }
  };
