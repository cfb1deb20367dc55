import { strict as assert } from 'node:assert';

import type { Drill } from '../../drill.ts';
import type { Stack } from '../../stacks/stack.ts';
import { endLock, holdLock, lockHolder } from './held-lock.ts';

const REPORT = 'monthly-report';
/** More than twice the pool. A sign-in reads the table `users`. */
const CALLERS = 24;
const LONGEST_MS = 150_000;

const signIn = async ({ apiUrl }: Stack): Promise<void> => {
  await fetch(`${apiUrl}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login: 'nobody', password: 'three quiet rivers' }),
    signal: AbortSignal.timeout(10_000),
  }).then((response) => response.arrayBuffer());
};

const isHeld = (stack: Stack): Promise<boolean> =>
  lockHolder(stack, REPORT).then(
    () => true,
    () => false,
  );

/** People who try to sign in again and again, as long as the lock is held. */
const signInWhileLocked = async (stack: Stack): Promise<void> => {
  const end = Date.now() + LONGEST_MS;
  while (Date.now() < end && (await isHeld(stack)))
    await Promise.all(Array.from({ length: CALLERS }, () => signIn(stack).catch(() => undefined)));
};

export const drill: Drill = {
  name: 'pool-waiting',
  title: 'A report locks the table of the users and does not end, while many users sign in.',
  alert: 'PoolWaiting',
  runbook: 'pool-waiting',
  blocks: ['pool', 'blocking-sessions', 'slow-queries', 'connections', 'end-session', 'verify'],
  fillIn: async (stack) => ({ PID_TO_END: await lockHolder(stack, REPORT) }),
  question: 'Callers wait for connections. Does the api need a larger pool?',
  answer:
    'No. All connections of the pool wait for a lock on the table of the users, which a session of another application holds. With a larger pool, more of them would ' +
    'wait. pg_blocking_pids leads to the session; ending it frees everybody at once.',
  log: { process: 'api', line: /STORE_TIMEOUT/ },
  inject: async (stack) => {
    await holdLock(stack, REPORT, 'LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
    void signInWhileLocked(stack);
  },
  recovered: async (stack) => {
    assert.equal(await isHeld(stack), false, 'the lock is still held');
  },
  undo: (stack) => endLock(stack, REPORT),
};
