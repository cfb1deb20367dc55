import { randomBytes } from 'node:crypto';

import type pg from 'pg';
import { describe, expect, it } from 'vitest';

import { makeIdempotencyStore } from '../../../src/postgres/idempotency/idempotency-store.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { usePool } from '../../support/use-pool.ts';
import { asAdmin } from './arrange.ts';

let database: TestDatabase;
let pool: pg.Pool;

usePool((made) => ({ database, pool } = made));

const aRefusal = (code: string, keyHash = randomBytes(32)) => ({
  keyHash,
  fingerprint: randomBytes(32),
  outcome: { kind: 'refused', code } as const,
});

describe('the idempotency store', () => {
  it('finds nothing for an unused key', async () => {
    expect(await makeIdempotencyStore(pool).find(randomBytes(32))).toBeUndefined();
  });

  it('stores a final error', async () => {
    const store = makeIdempotencyStore(pool);
    const { keyHash, fingerprint, outcome } = aRefusal('EMAIL_TAKEN');

    await store.saveFinalError({ keyHash, fingerprint, outcome });

    expect(await store.find(keyHash)).toEqual({ fingerprint, outcome });
  });

  it('keeps the first of two final errors for a key', async () => {
    const store = makeIdempotencyStore(pool);
    const first = aRefusal('EMAIL_TAKEN');
    await store.saveFinalError(first);

    await store.saveFinalError(aRefusal('USERNAME_TAKEN', first.keyHash));

    expect(await store.find(first.keyHash)).toMatchObject({ outcome: { code: 'EMAIL_TAKEN' } });
  });

  it('purges old records up to the limit, and no recent one', async () => {
    const store = makeIdempotencyStore(pool);
    const young = aRefusal('EMAIL_TAKEN');
    const old = [aRefusal('A'), aRefusal('B'), aRefusal('C')];
    for (const call of [young, ...old]) await store.saveFinalError(call);
    await asAdmin(database, (admin) =>
      admin.query(`UPDATE idempotency_keys SET created_at = now() - interval '2 hours' WHERE key_hash = ANY ($1)`, [
        old.map(({ keyHash }) => keyHash),
      ]),
    );

    const removed = [await store.purge(3600, 2), await store.purge(3600, 2), await store.purge(3600, 2)];

    expect(removed).toEqual([2, 1, 0]);
    expect(await store.find(young.keyHash)).toBeDefined();
  });
});
