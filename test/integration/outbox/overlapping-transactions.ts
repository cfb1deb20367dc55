// Transactions that get their ids in one order and commit in the other, while a relay runs: R2 of docs/resilience.md.

import type pg from 'pg';

import type { Published } from '../../support/fakes/publisher.ts';
import { eventually } from '../../support/eventually.ts';
import { addRow, eventIds } from './arrange.ts';

type Options = { readonly pool: pg.Pool; readonly published: readonly Published[]; readonly rounds: number };

const AT_A_TIME = 4;

/** Gives the relay time to publish the visible rows; a wrong one advances its position. */
const letItPublish = (published: readonly Published[], count: number, deadlineMs: number): Promise<void> =>
  eventually(
    () => {
      if (published.length < count) throw new Error(`${published.length} of ${count} events were published`);
    },
    { deadlineMs },
  ).catch(() => undefined);

/** The number of committed events that were never published. */
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
