// The limits of an api process, on the store that counts for them.

import { setTimeout as sleep } from 'node:timers/promises';

import type { Config } from '../config/schema.ts';
import { makeGuessLimit } from '../rate-limit/guess-limit.ts';
import type { GuessLimit, LimitStore } from '../rate-limit/ports.ts';

/** A guess waits at most this long for its slot, and at most half of what a request may take. */
const MAX_WAIT_MS = 1500;

type Settings = Pick<Config<'http'>['http'], 'strictLimitPerMinute' | 'requestTimeoutMs'>;

export const makeGuesses = ({ strictLimitPerMinute, requestTimeoutMs }: Settings, store: LimitStore): GuessLimit =>
  makeGuessLimit({
    store,
    perMinute: strictLimitPerMinute,
    maxWaitMs: Math.min(MAX_WAIT_MS, requestTimeoutMs / 2),
    sleep: (ms) => sleep(ms),
  });
