// A session that holds a lock, as a report or a forgotten terminal would, until somebody ends it.

import { eventually } from '../../../../test/support/eventually.ts';
import type { Stack } from '../../stacks/stack.ts';

const MOST_SECONDS = 600;

const sessionsOf = (application: string): string =>
  `SELECT pid FROM pg_stat_activity WHERE application_name = '${application}' AND wait_event = 'PgSleep'`;

/** Resolves when the lock is held. @param statement takes it */
export const holdLock = async (stack: Stack, application: string, statement: string): Promise<void> => {
  const session = `SET application_name TO '${application}'; BEGIN; ${statement}; SELECT pg_sleep(${MOST_SECONDS})`;
  void stack.sql(session).catch(() => undefined); // the runbook ends it
  await eventually(() => lockHolder(stack, application));
};

/** The process id of that session. @throws Error when there is none */
export const lockHolder = async (stack: Stack, application: string): Promise<string> => {
  const [session] = await stack.sql(sessionsOf(application));
  if (session === undefined) throw new Error(`No session of "${application}" holds a lock.`);
  return String(session.pid);
};

export const endLock = async (stack: Stack, application: string): Promise<void> => {
  await stack.sql(`SELECT pg_terminate_backend(pid) FROM (${sessionsOf(application)}) AS holder`);
};
