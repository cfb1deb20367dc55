// The dependencies of an api process: its own database, the Redis of the test run with its own prefix, and secrets.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { UNDER_LOAD } from '../../support/service-surroundings.ts';
import { makeTestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';

/** @param options migrated: false for a database without tables */
export const makeStoreSurroundings = async (options: { readonly migrated?: boolean } = {}) => {
  const database = await makeTestDatabase(options);
  const redis = makeTestRedis();
  const secrets = await mkdtemp(join(tmpdir(), 'user-service-secrets-'));
  await writeFile(join(secrets, 'postgres_password'), database.appPassword);
  await writeFile(join(secrets, 'auth_signing_keys'), JSON.stringify({ keys: [await newSigningKey()] }));
  const pool = new pg.Pool({ connectionString: database.adminUrl, max: 4 });
  // connections may still be closing when the database is dropped
  pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));

  return {
    database,
    /** As superuser. */
    pool,
    env: {
      ...UNDER_LOAD,
      SECRETS_DIR: secrets,
      AUTH_HASH_QUEUE: '1000',
      POSTGRES_HOST: database.host,
      POSTGRES_PORT: String(database.port),
      POSTGRES_DATABASE: database.database,
      POSTGRES_USER: database.appUser,
      REDIS_HOST: redis.host,
      REDIS_PORT: String(redis.port),
      REDIS_KEY_PREFIX: redis.keyPrefix,
    },
    close: async (): Promise<void> => {
      await pool.end();
      await Promise.all([database.drop(), rm(secrets, { recursive: true })]);
    },
  };
};

export type StoreSurroundings = Awaited<ReturnType<typeof makeStoreSurroundings>>;
