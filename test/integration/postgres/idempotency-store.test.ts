import { randomBytes } from 'node:crypto';

import type pg from 'pg';
import { describe, expect, it } from 'vitest';

import { makeIdempotencyStore } from '../../../src/postgres/idempotency/idempotency-store.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { usePool } from '../../support/use-pool.ts';
import { aRegistration } from './arrange.ts';

let pool: pg.Pool;

usePool((made) => ({ pool } = made));

const registerWithKey = async () => {
  const registration = aRegistration();
  const keyHash = randomBytes(32);
  await makeRegistrationStore(pool).insert({ ...registration, keyHash });
  return { registration, keyHash, outcome: { id: registration.user.id, version: 1 } };
};

/** As the previous release writes it. */
const insertPrevious = async (outcome: object) => {
  const keyHash = randomBytes(32);
  await pool.query('INSERT INTO idempotency_keys (key_hash, fingerprint, outcome) VALUES ($1, $2, $3)', [
    keyHash,
    randomBytes(32),
    JSON.stringify(outcome),
  ]);
  return keyHash;
};

describe('the idempotency store', () => {
  it('finds nothing for an unused key', async () => {
    expect(await makeIdempotencyStore(pool).find(randomBytes(32))).toBeUndefined();
  });

  it('finds the resource that a call has created', async () => {
    const { keyHash, outcome } = await registerWithKey();

    expect(await makeIdempotencyStore(pool).find(keyHash)).toEqual({ kind: 'done', outcome });
  });

  it('stores nothing of the request and nothing of the response', async () => {
    const { registration, keyHash, outcome } = await registerWithKey();

    const { rows } = await pool.query<Record<string, unknown>>(
      'SELECT fingerprint, outcome, idempotency_keys::text AS row FROM idempotency_keys WHERE key_hash = $1',
      [keyHash],
    );

    expect(rows[0]).toMatchObject({ fingerprint: Buffer.alloc(32), outcome: { kind: 'done', ...outcome } });
    for (const personal of [registration.user.username, registration.user.name, registration.user.email])
      expect(rows[0]?.row).not.toContain(personal);
  });

  it('refuses a closed key from then on', async () => {
    const { keyHash } = await registerWithKey();
    const store = makeIdempotencyStore(pool);

    await store.close(keyHash);

    expect(await store.find(keyHash)).toEqual({ kind: 'closed' });
  });

  it('finds the resource of a row with a document, as the previous release writes it', async () => {
    const keyHash = await insertPrevious({ kind: 'done', id: 'x', version: 1, json: '{"id":"x","name":"Zoë"}' });

    expect(await makeIdempotencyStore(pool).find(keyHash)).toEqual({ kind: 'done', outcome: { id: 'x', version: 1 } });
  });

  it('forgets an error that the previous release has stored, so that the key can be used', async () => {
    const keyHash = await insertPrevious({ kind: 'refused', code: 'EMAIL_TAKEN' });

    expect(await makeIdempotencyStore(pool).find(keyHash)).toBeUndefined();

    const registration = { ...aRegistration(), keyHash };
    await expect(makeRegistrationStore(pool).insert(registration)).resolves.toBeUndefined();
  });
});
