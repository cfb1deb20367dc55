import { storeUnavailable } from './errors.ts';
import type { ServicePool } from './pool.ts';
import { query } from './query.ts';

/** The newest migration that the statements of this release need. Raise it together with code that needs a newer one. */
export const REQUIRED_MIGRATION = '0012_mark-erased-users';

const READ_STATE = `
  SELECT current_setting('transaction_read_only') = 'on' AS read_only,
    has_table_privilege('outbox', 'INSERT') AS may_write,
    EXISTS (SELECT FROM pgmigrations WHERE name = $1) AS migrated`;

type State = { readonly read_only: boolean; readonly may_write: boolean; readonly migrated: boolean };

type Deps = {
  /** Of the check, so that an exhausted pool makes a process slow, not unready. */
  readonly pool: ServicePool;
  /** Of the process. The check also uses an idle connection of it: what its requests get may lead to another server than a new connection. */
  readonly watched?: ServicePool;
  readonly requiredMigration: string;
};

/** The reason why the server behind a connection cannot serve, undefined when it can. */
const reasonOf = ({ read_only: readOnly, may_write: mayWrite, migrated }: State, migration: string) => {
  if (readOnly) return 'the server accepts no writes';
  if (!mayWrite) return 'the login must not write';
  return migrated ? undefined : `migration ${migration} is not applied`;
};

/**
 * Resolves when PostgreSQL responds, accepts writes, and the required migration is applied. A newer schema is accepted (each change is
 * compatible with the previous release), so that a release can be rolled back without its migrations.
 * After a failover, connections to the former primary are renewed, also when the process only reads.
 * @throws Unavailable STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makePostgresCheck = ({ pool, watched, requiredMigration }: Deps) => {
  const statement = { name: 'read-state', text: READ_STATE, values: [requiredMigration] };
  const ask = async (on: ServicePool): Promise<void> => {
    const { rows } = await query<State>(on, statement);
    const reason = rows[0] && reasonOf(rows[0], requiredMigration);
    if (rows[0]?.read_only === true) for (const each of [pool, watched]) each?.renew();
    if (reason !== undefined) throw storeUnavailable(new Error(reason));
  };
  return async (): Promise<void> => {
    await Promise.all([ask(pool), watched !== undefined && watched.idleCount > 0 && ask(watched)]);
  };
};
