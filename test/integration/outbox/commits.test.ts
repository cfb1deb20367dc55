// Commits wait for the disk and for a standby. On a server whose synchronous standby never answers, a commit of a session with
// synchronous_commit = on waits for ever; the others must not wait for it.

import { readFileSync } from 'node:fs';

import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { makeOutboxNotifier } from '../../../src/postgres/outbox/outbox-notifier.ts';
import type { ServicePool } from '../../../src/postgres/pool.ts';
import { sourceFiles } from '../../architecture/source-files.ts';
import { eventually } from '../../support/eventually.ts';
import { nativePostgres } from '../../support/native/postgres.ts';
import { LOGINS, makeTemplates } from '../../support/template-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { appOptions, appPool } from '../../support/use-pool.ts';
import { asAdmin } from '../postgres/arrange.ts';
import { addRow } from './arrange.ts';
import { prepareWrite, WRITERS } from './every-writer.ts';

/** What migration 0008 created, and 0013 dropped. */
const trigger = /CREATE FUNCTION notify_outbox[^]*?EXECUTE FUNCTION notify_outbox\(\);/.exec(
  readFileSync('migrations/0008_create-outbox.sql', 'utf8'),
)?.[0];

let database: TestDatabase;
let pool: ServicePool;
let stop: () => Promise<unknown>;
let closeNotifier: () => Promise<void>;
const reports: string[] = [];

beforeAll(async () => {
  const { server, stop: stopServer } = await nativePostgres({
    synchronous_standby_names: 'nobody',
    synchronous_commit: 'local',
  });
  stop = stopServer;
  const { host, port, user, password } = server;
  const { migrated } = (await makeTemplates(server)).names;
  const adminUrl = `postgres://${user}:${password}@${host}:${port}/${migrated}`;
  database = { host, port, database: migrated, ...LOGINS, adminUrl, drop: stopServer };
  pool = appPool(database);
  closeNotifier = makeOutboxNotifier({
    pool,
    connection: appOptions(database),
    onFailure: () => reports.push('failure'),
    onRecovery: () => reports.push('recovery'),
  }).close;
});
afterAll(async () => {
  await closeNotifier();
  await pool.end();
  await stop();
});

const held: pg.Client[] = [];
/** A transaction of another session whose commit has begun and does not end. */
const holdCommit = async (work: (client: pg.Client) => Promise<unknown>): Promise<void> => {
  const client = new pg.Client(database.adminUrl);
  client.on('error', () => undefined);
  await client.connect();
  held.push(client);
  await client.query('SET synchronous_commit = on');
  await client.query('BEGIN');
  await work(client);
  client.query('COMMIT').catch(() => undefined);
  await asAdmin(database, (admin) =>
    eventually(async () => {
      const waiting = await admin.query(`SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'`);
      expect(waiting.rowCount).toBe(1);
    }),
  );
};
const releaseCommits = async (): Promise<void> => {
  await asAdmin(database, (admin) =>
    admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`),
  );
  await Promise.all(held.splice(0).map((client) => client.end().catch(() => undefined)));
};
afterEach(releaseCommits);

describe('while another commit with an event does not end', () => {
  it.each(WRITERS)('the commit of %s does not wait', async (name) => {
    const write = await prepareWrite(pool, name);
    await holdCommit((client) => addRow(client as pg.PoolClient));
    await write();
    expect(held).toHaveLength(1);
  });

  it('nor does it wait for a notification that has to wait, which is reported once and sent later', async () => {
    const write = await prepareWrite(pool, 'a registration');
    await holdCommit(async (client) => {
      await addRow(client as pg.PoolClient);
      await client.query('NOTIFY anything');
    });
    await eventually(async () => {
      await write();
      expect(reports).toEqual(['failure']);
    });
    await releaseCommits();
    await eventually(() => {
      expect(reports).toEqual(['failure', 'recovery']);
    });
  });
});

describe('no statement of a transaction notifies:', () => {
  it('no trigger and no function of the schema', async () => {
    const FIND = `
      SELECT proname FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace AND prosrc ~* 'notify'`;
    expect((await pool.query(FIND)).rows).toEqual([]);
    await asAdmin(database, async (admin) => {
      await admin.query('BEGIN');
      await admin.query(trigger ?? '');
      expect((await admin.query(FIND)).rows).toEqual([{ proname: 'notify_outbox' }]);
    });
  });

  it('no source file but the notifier, and no file but the writers inserts into the outbox', () => {
    const files = sourceFiles('src').filter(({ path }) => !path.startsWith('postgres/migrations/'));
    const thatContain = (pattern: RegExp) => files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

    expect(thatContain(/\bpg_notify\b|['"`]\s*NOTIFY\b/i)).toEqual(['postgres/outbox/outbox-notifier.ts']);
    const writers = thatContain(/INSERT INTO outbox\b/i);
    expect(writers).toHaveLength(3);
    expect(thatContain(/\b(?:makeOutboxWriter|queryWithEvent)\b/)).toEqual(expect.arrayContaining(writers));
  });
});
