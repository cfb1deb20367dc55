// The connection pool of a process, its readiness check, and the notifications of what it commits. Closed after everything that uses them.

import type { Config } from '../config/schema.ts';
import type { Check } from '../lifecycle/readiness.ts';
import { storeUnavailable } from '../postgres/errors.ts';
import { makeLogin } from '../postgres/login.ts';
import { makeOutboxNotifier } from '../postgres/outbox/outbox-notifier.ts';
import { makePool } from '../postgres/pool.ts';
import { makePostgresCheck, REQUIRED_MIGRATION } from '../postgres/postgres-check.ts';
import type { Foundation } from './foundation.ts';

type Deps = Foundation & {
  readonly config: Config<'service' | 'postgres'>;
  /** Follows the name of the service in `pg_stat_activity`. */
  readonly role: 'api' | 'relay' | 'worker' | 'local';
  /** Connections that are held permanently, in addition to the pool size. */
  readonly extra?: number;
};

export const openPostgres = ({ config, role, extra = 0, logger, metrics, lifecycle, faults }: Deps) => {
  const settings = { ...config.postgres, applicationName: `${config.service.name}-${role}` };
  const login = makeLogin(settings);
  const connection = {
    ...settings,
    credentials: login,
    onError: (error: Error) => {
      logger.warn({ err: storeUnavailable(error) }, 'idle database connection lost');
    },
  };
  const pool = faults.pool(makePool({ ...connection, max: config.postgres.poolSize + extra }));
  metrics.watchPool(pool);
  const checkPool = faults.pool(makePool({ ...connection, max: 1 }));
  lifecycle.add('database pools', async () => {
    await Promise.all([pool.end(), checkPool.end()]);
  });
  const notifier = makeOutboxNotifier({
    pool,
    connection,
    onFailure: (err) => {
      logger.warn({ err }, 'outbox notifications fail, events wait until the relay polls');
    },
    onRecovery: () => {
      logger.info({}, 'outbox notifications are sent again');
    },
  });
  lifecycle.add('outbox notifications', () => notifier.close());
  const check = makePostgresCheck({ pool: checkPool, watched: pool, requiredMigration: REQUIRED_MIGRATION });
  let reported = login();
  /** Credentials that the server refuses do no harm before the previous ones expire: the process is degraded, not unready. */
  const adoptCredentials = async (): Promise<void> => {
    await login.adopt();
    if (login() === reported) return; // not `adopt`: the pool adopts as well, when the server refuses the previous ones
    reported = login();
    await Promise.all([pool.closeOutdated(), checkPool.closeOutdated()]);
    logger.info({ setting: 'POSTGRES_CREDENTIALS' }, 'changed database credentials are in use');
  };
  const checks: Check[] = [
    { name: 'postgres', required: true, check },
    { name: 'postgres-credentials', required: false, check: adoptCredentials },
  ];
  return { pool, connection, checks };
};
