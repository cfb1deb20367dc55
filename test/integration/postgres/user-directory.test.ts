import { randomUUID } from 'node:crypto';

import type pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';

import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { makeUserDirectory } from '../../../src/postgres/users/user-directory.ts';
import type { Position } from '../../../src/paging/cursor.ts';
import type { User } from '../../../src/users/user.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { appPool, usePool } from '../../support/use-pool.ts';
import { aRegistration } from './arrange.ts';

let database: TestDatabase;
let pool: pg.Pool;
const users: User[] = [];

usePool((made) => ({ database, pool } = made));
beforeAll(async () => {
  const store = makeRegistrationStore(pool);
  for (const second of [0, 0, 0, 0, 0, 1, 2, 2, 2]) {
    const registration = aRegistration({ createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second, 500)) });
    await store.insert(registration);
    users.push(registration.user);
  }
  users.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1));
});

const readAll = async (limit: number): Promise<User[]> => {
  const directory = makeUserDirectory(pool);
  const all: User[] = [];
  for (let after: Position | undefined; ;) {
    const page = await directory.list({ limit, ...(after && { after }) });
    all.push(...page);
    const last = page.at(-1);
    after = last && { at: last.createdAt, id: last.id };
    if (page.length < limit) return all;
  }
};

describe('the user directory', () => {
  it('lists the newest first, with the id between users of the same time', async () => {
    expect(await makeUserDirectory(pool).list({ limit: 100 })).toEqual(users);
  });

  it.each([1, 2, 3, 4, 8])('returns each user once in pages of %i', async (limit) => {
    expect(await readAll(limit)).toEqual(users);
  });

  it('reads the next page from its index, without sorting', async () => {
    const single = appPool(database, { max: 1 });
    await makeUserDirectory(single).list({ limit: 1, after: { at: new Date(), id: randomUUID() } });
    await single.query('SET enable_sort = off'); // the table is too small for its index to pay

    const { rows } = await single.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN EXECUTE "list-users-after" (10, now(), '${randomUUID()}')`,
    );
    await single.end();

    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('Index Scan using users_created_at_id_idx');
    expect(plan).not.toContain('Sort');
  });
});
