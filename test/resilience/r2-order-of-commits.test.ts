// R2: ids in one order, commits in the other. The violating fixture with a high-water mark is in test/integration/outbox.

import { describe, expect, it } from 'vitest';

import type { TestDatabase } from '../support/test-database.ts';
import type { ServicePool } from '../../src/postgres/pool.ts';
import { usePool } from '../support/use-pool.ts';
import { makeTestRelay } from '../integration/outbox/arrange.ts';
import { makeHighWaterMarkShards } from '../integration/outbox/fixtures/high-water-mark.ts';
import { missedEvents } from '../integration/outbox/overlapping-transactions.ts';
import { report, scaled } from './support/scale.ts';

const ROUNDS = scaled(500, 25);

let database: TestDatabase;
let pool: ServicePool;

usePool((made) => ({ database, pool } = made), { max: 12 });

const missedBy = async (rounds: number, options: Parameters<typeof makeTestRelay>[2] = {}): Promise<number> => {
  const { relay, published } = makeTestRelay(database, pool, options);
  relay.start();
  try {
    return await missedEvents({ pool, published, rounds });
  } finally {
    await relay.close();
  }
};

describe('R2: ids and commits in different order', () => {
  it(`misses none of ${ROUNDS * 4} events, and finds the violation of a high-water mark`, async () => {
    const missed = await missedBy(ROUNDS);
    const missedByMark = await missedBy(10, { outbox: makeHighWaterMarkShards(pool) });
    report('R2', [
      { name: 'events', value: ROUNDS * 4, target: String(ROUNDS * 4) },
      { name: 'missed', value: missed, target: '0' },
      { name: 'missed by a high-water mark', value: missedByMark, target: '> 0' },
    ]);
    expect(missed).toBe(0);
    expect(missedByMark).toBeGreaterThan(0);
  });
});
