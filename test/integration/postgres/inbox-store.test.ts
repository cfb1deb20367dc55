import { randomUUID } from 'node:crypto';

import type pg from 'pg';
import { describe, expect, it } from 'vitest';

import { makeInboxStore } from '../../../src/postgres/outbox/inbox-store.ts';
import { usePool } from '../../support/use-pool.ts';

let pool: pg.Pool;

usePool((made) => ({ pool } = made));

/** A transaction that ends on request. */
const begin = async () => {
  const client = await pool.connect();
  await client.query('BEGIN');
  return {
    inbox: makeInboxStore(client),
    end: async (statement: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
      await client.query(statement);
      client.release();
    },
  };
};

const addCommitted = async (consumer: string, eventId: string): Promise<boolean> => {
  const { inbox, end } = await begin();
  const isNew = await inbox.add(consumer, eventId);
  await end('COMMIT');
  return isNew;
};

describe('the inbox', () => {
  it('accepts an event once per consumer', async () => {
    const eventId = randomUUID();

    const taken = [
      await addCommitted('decide-order', eventId),
      await addCommitted('decide-order', eventId),
      await addCommitted('other', eventId),
    ];

    expect(taken).toEqual([true, false, true]);
  });

  it('accepts an event again after its transaction was rolled back', async () => {
    const eventId = randomUUID();
    const { inbox, end } = await begin();
    await inbox.add('decide-order', eventId);
    await end('ROLLBACK');

    expect(await addCommitted('decide-order', eventId)).toBe(true);
  });

  it.each([
    ['COMMIT', false],
    ['ROLLBACK', true],
  ] as const)('lets a rival wait for the %s of the first one, which then decides', async (statement, rivalTakes) => {
    const eventId = randomUUID();
    const first = await begin();
    await first.inbox.add('decide-order', eventId);
    const second = await begin();

    const rival = second.inbox.add('decide-order', eventId);
    await first.end(statement);

    expect(await rival).toBe(rivalTakes);
    await second.end('COMMIT');
  });
});
