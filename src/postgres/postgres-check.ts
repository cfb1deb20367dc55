import type { Pool } from 'pg';

import { storeUnavailable } from './errors.ts';
import { query } from './query.ts';

/** The newest migration that the statements of this release need. Raise it together with code that needs a newer one. */
export const REQUIRED_MIGRATION = '0011_store-no-request-with-idempotency-keys';

const FIND_MIGRATION = `
  SELECT name
  FROM pgmigrations
  WHERE name = $1`;

/**
 * Resolves when PostgreSQL responds and the required migration is applied. A newer schema is accepted (each change is compatible with
 * the previous release), so that a release can be rolled back without its migrations.
 * @throws Unavailable STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makePostgresCheck =
  ({ pool, requiredMigration }: { pool: Pool; requiredMigration: string }) =>
  async (): Promise<void> => {
    const statement = { name: 'find-migration', text: FIND_MIGRATION, values: [requiredMigration] };
    const { rows } = await query(pool, statement);
    if (rows.length === 0) throw storeUnavailable(new Error(`migration ${requiredMigration} is not applied`));
  };
