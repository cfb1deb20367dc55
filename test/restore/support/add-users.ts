// Many users with credentials and one decided order each, as a service that has run for years has them.

import type { ArchivingServer } from './archiving-server.ts';
import { DATABASE } from './service.ts';

/** The password of nobody. */
const HASH = `$argon2id$v=19$m=1024,t=1,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

const idOf = (last: string): string => `('01900000-0000-7000-${last}-' || lpad(to_hex(n), 12, '0'))::uuid`;

const statements = (users: number): string[] => [
  `INSERT INTO users (id, username, name, email)
   SELECT ${idOf('8000')}, 'user-' || n, 'Ann Lee', 'user-' || n || '@example.com' FROM generate_series(1, ${users}) AS n`,
  `INSERT INTO credentials (user_id, password_hash)
   SELECT ${idOf('8000')}, '${HASH}' FROM generate_series(1, ${users}) AS n`,
  `INSERT INTO orders (id, user_id, amount_minor, currency, status, placed_at, decided_at)
   SELECT ${idOf('9000')}, ${idOf('8000')}, 1999, 'EUR', 'confirmed', now() - interval '1 day', now() - interval '1 day'
   FROM generate_series(1, ${users}) AS n`,
];

/** @returns the size of the database in MiB */
export const addUsers = async (server: ArchivingServer, users: number): Promise<number> => {
  for (const statement of statements(users)) await server.sql(statement, DATABASE);
  const [row] = await server.sql<{ mib: number }>(
    'SELECT (pg_database_size(current_database()) / 1048576)::integer AS mib',
    DATABASE,
  );
  return row?.mib ?? 0;
};
