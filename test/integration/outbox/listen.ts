import pg from 'pg';

import type { TestDatabase } from '../../support/test-database.ts';
import { asAdmin } from '../postgres/arrange.ts';

/** Counts the notifications of a database, whoever sends them. */
export const listen = async (database: TestDatabase) => {
  const client = new pg.Client(database.adminUrl);
  await client.connect();
  const received: string[] = [];
  let onEnd: (() => void) | undefined;
  client.on('notification', ({ payload = '' }) => {
    if (payload === 'end') onEnd?.();
    else received.push(payload);
  });
  await client.query('LISTEN outbox');
  return {
    /** The number of notifications that were sent before this call: they arrive in the order of their commits. */
    count: async (): Promise<number> => {
      const ended = new Promise<void>((resolve) => {
        onEnd = resolve;
      });
      await asAdmin(database, (admin) => admin.query(`NOTIFY outbox, 'end'`));
      await ended;
      return received.length;
    },
    close: () => client.end(),
  };
};
