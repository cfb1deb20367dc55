// Transactions that take their ids in one order and commit in the other, while a relay runs: R2 of the reliability goals.

import type pg from 'pg';

import type { Published } from '../../support/fakes/publisher.ts';
import { eventually } from '../../support/eventually.ts';
import { addRow, eventIds } from './arrange.ts';

type Options = { readonly pool: pg.Pool; readonly published: readonly Published[]; readonly rounds: number };

const AT_A_TIME = 4;

/** Gives the relay the time to go past what it sees; a wrong one does. */
const letItPublish = (published: readonly Published[], count: number, deadlineMs: number): Promise<void> =>
  eventually(
    () => {
      if (published.length < count) throw new Error(`${published.length} of ${count} events were published`);
    },
    { deadlineMs },
  ).catch(() => undefined);

/** How many committed events were not published in the end. */
export const missedEvents = async ({ pool, published, rounds }: Options): Promise<number> => {
  const written: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const clients = await Promise.all(Array.from({ length: AT_A_TIME }, () => pool.connect()));
    for (const client of clients) {
      await client.query('BEGIN');
      written.push(await addRow(client));
    }
    for (const client of clients.toReversed()) {
      const before = published.length;
      await client.query('COMMIT');
      client.release();
      await letItPublish(published, before + 1, 60);
    }
  }
  await letItPublish(published, written.length, 1000);
  const arrived = new Set(eventIds(published));
  return written.filter((id) => !arrived.has(id)).length;
};
