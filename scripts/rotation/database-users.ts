// The users of PostgreSQL that each process is connected as, from pg_stat_activity.

import pg from 'pg';

import type { Servers } from './servers.ts';
import { ROLES, type Role } from './settings.ts';

const EVERY_MS = 100;
const SQL = `
  SELECT usename AS "user", application_name AS application, min(backend_start) AS since
  FROM pg_stat_activity
  WHERE application_name LIKE 'user-service-%' AND usename IS NOT NULL
  GROUP BY 1, 2`;
type Row = { readonly user: string; readonly application: string; readonly since: Date };

export const watchDatabaseUsers = async ({ postgres }: Servers) => {
  const client = new pg.Client(postgres);
  client.on('error', () => undefined); // the server ends before this
  await client.connect();
  const first = new Map(ROLES.map((role) => [role, new Map<string, number>()]));
  let now: readonly Row[] = [];
  const sample = async (): Promise<void> => {
    now = (await client.query<Row>(SQL)).rows;
    for (const { user, application, since } of now) {
      const users = first.get(application.replace('user-service-', '') as Role);
      if (users !== undefined && !users.has(user)) users.set(user, since.getTime());
    }
  };
  let sampling = false;
  const timer = setInterval(() => {
    if (sampling) return;
    sampling = true;
    sample()
      .catch(() => undefined)
      .finally(() => (sampling = false));
  }, EVERY_MS);
  return {
    /** When each user's first connection was made (milliseconds since the epoch), in this order. */
    of: (role: Role): ReadonlyMap<string, number> => first.get(role) ?? new Map(),
    close: async (): Promise<void> => {
      clearInterval(timer);
      await client.end().catch(() => undefined);
    },
  };
};

export type DatabaseUsers = Awaited<ReturnType<typeof watchDatabaseUsers>>;
