// The SQL of runbooks on a real PostgreSQL: every statement names tables, columns and functions that exist, and the erasure by hand does what the
// API does.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type pg from 'pg';
import { describe, expect, it } from 'vitest';

import { loadRunbook, runbookNames } from '../../../scripts/runbooks/runbooks.ts';
import { toOutboxValues } from '../../../src/postgres/outbox/outbox-writer.ts';
import { makeErasureStore } from '../../../src/postgres/users/erasure-store.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { makeUserReader } from '../../../src/postgres/users/user-reader.ts';
import { makeFinishErasures } from '../../../src/users/finish-erasures.ts';
import { userErased } from '../../../src/users/events.ts';
import { statementsOf } from '../../gates/runbooks/programs/stores.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { usePool } from '../../support/use-pool.ts';
import { aRegistration, asAdmin } from './arrange.ts';

let database: TestDatabase;
let pool: pg.Pool;
usePool((made) => ({ database, pool } = made));

const FOLDER = join(import.meta.dirname, '../../../runbooks');
const fileOf = (name: string): string => readFileSync(join(FOLDER, 'sql', name), 'utf8');

type Found = { readonly at: string; readonly sql: string };
const inPages = (): Found[] =>
  runbookNames().flatMap((name) =>
    statementsOf(loadRunbook(name)).map(({ sql, line }) => ({ at: `runbooks/${name}.md:${line}`, sql })),
  );
const inFiles = (): Found[] =>
  globSync('*.sql', { cwd: join(FOLDER, 'sql') }).map((name) => ({
    at: `runbooks/sql/${name}`,
    sql: fileOf(name)
      .replaceAll(/^--.*$/gm, '')
      .replaceAll(/:'\w+'/g, 'NULL')
      .trim()
      .replace(/;$/, ''),
  }));

/** Others, VACUUM for example, cannot be prepared. */
const PREPARED = /^(?:SELECT|WITH|INSERT|UPDATE|DELETE)\b/i;

/** What PostgreSQL says about statements that it cannot prepare, with their places. */
const faultsOf = (statements: readonly Found[]): Promise<string[]> =>
  asAdmin(database, async (admin) => {
    await admin.query('CREATE TABLE IF NOT EXISTS pgmigrations (id int, name text, run_on timestamp)');
    const faults: string[] = [];
    for (const { at, sql } of statements.filter((one) => PREPARED.test(one.sql))) {
      const failed = (error: Error): number => faults.push(`${at}: ${error.message}`);
      await admin.query(`PREPARE statement AS ${sql}`).then(() => admin.query('DEALLOCATE statement'), failed);
    }
    return faults;
  });

describe('statements of runbooks', () => {
  it('name what exists', async () => {
    const statements = [...inPages(), ...inFiles()];
    expect(statements.length).toBeGreaterThan(10);
    expect(await faultsOf(statements)).toEqual([]);
  });

  it('are found when they name what does not', async () => {
    expect(await faultsOf([{ at: 'page.md:1', sql: 'SELECT id, parked FROM outbox' }])).toEqual([
      'page.md:1: column "parked" does not exist',
    ]);
  });
});

const run = (file: string, userId: string) =>
  asAdmin(database, (admin) => admin.query(fileOf(file).replaceAll(":'user_id'", `'${userId}'`)));

describe('an erasure by hand', () => {
  it('takes the user away, ends the sessions, and writes the event of the API', async () => {
    const { user, ...registration } = aRegistration();
    await makeRegistrationStore(pool).insert({ user, ...registration });
    await asAdmin(database, (admin) => admin.query('DELETE FROM outbox'));

    expect((await run('erase-user.sql', user.id)).rows).toEqual([{ erased_user: user.id }]);
    expect((await run('erase-user.sql', user.id)).rows).toEqual([]);

    expect(await makeUserReader(pool).findRepresentation(user.id)).toBeUndefined();
    const { rows } = await pool.query<{ event_type: string; key: string; payload: object }>(
      'SELECT event_type, key, payload FROM outbox',
    );
    const [, type, key, payload] = toOutboxValues(userErased(user.id, new Date()));
    expect(rows).toMatchObject([{ event_type: type, key }]);
    expect(new Set(Object.keys(rows[0]?.payload ?? {}))).toEqual(
      new Set(Object.keys(JSON.parse(payload as string) as object)),
    );
  });

  it('leaves nothing, as soon as a process of the api has finished it', async () => {
    const registration = aRegistration();
    await makeRegistrationStore(pool).insert(registration);
    await run('erase-user.sql', registration.user.id);
    await asAdmin(database, (admin) => admin.query('DELETE FROM outbox'));

    const erasures = makeErasureStore(pool);
    await makeFinishErasures({ erasures, elapsedMs: () => performance.now() }).all({ budgetMs: 10_000 });

    const { rows } = await run('left-of-user.sql', registration.user.id);
    expect(rows).toHaveLength(6);
    expect(rows.every((row: { rows: string }) => row.rows === '0')).toBe(true);
  });
});
