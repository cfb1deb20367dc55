// The machine of PostgreSQL is lost at the worst moment, under load. What was archived is restored; then no order stays undecided, every event that survived is
// published, and what happens twice has no effect. A worker that is started without `restore -- reconcile` shows that the drill finds lost events.

import { join } from 'node:path';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { variable } from '../../src/config/environment.ts';
import { eventually } from '../support/eventually.ts';
import { addUsers } from './support/add-users.ts';
import { startArchivingServer, type ArchivingServer } from './support/archiving-server.ts';
import { makeBackupLogin } from './support/backup-login.ts';
import { countTwice, judgeEvents, judgeLoss, readRows } from './support/judge-restore.ts';
import { caughtUp, countRows, readEvents, worstMoment, type Running } from './support/moments.ts';
import { postgresPrograms, versionOf } from './support/postgres-programs.ts';
import { runScript } from './support/run-script.ts';
import { makeService, type Service } from './support/service.ts';
import { erase, logIn, PASSWORD, request, startWriteLoad, type WriteLoad } from './support/write-load.ts';

const USERS = Number(variable(env, 'RESTORE_USERS') ?? '20000');
/** As docs/backup.md recommends for production; shorter in a build, where the drill waits for it. */
const ARCHIVE_TIMEOUT_SECONDS = Number(variable(env, 'RESTORE_ARCHIVE_TIMEOUT') ?? '15');
const MAX_RPO_SECONDS = 60;
const MAX_RTO_SECONDS = 300;
const CLIENTS = 3;
/** Orders that are placed before the worst moment: more than the worker decides meanwhile. */
const BACKLOG = 60;
/** Orders wait for their decision, so that some are placed before the last archived WAL and decided after it. */
const SLOW_PAYMENTS = { PAYMENTS_DELAY_MS: '1000' };

const programs = postgresPrograms();
if (programs === undefined) process.stdout.write('SKIPPED: the restore drill, because no PostgreSQL is installed.\n');

let server: ArchivingServer;
let service: Service;
let login: Record<string, string>;

const print = (line: string): void => {
  process.stdout.write(`RESTORE  ${line}\n`);
};
const count = (rows: string): Promise<number> => countRows(server, rows);

describe.skipIf(programs === undefined)(`a lost PostgreSQL with ${USERS} users`, () => {
  let load: WriteLoad;
  let erasedId: string;
  /** The erased user and the order of that user, which are lost on purpose. */
  let erased: readonly string[] = [];
  let since: string;
  let restoredInMs = 0;
  let ready: Running;

  beforeAll(async () => {
    const settings = { shared_buffers: '256MB', max_wal_size: '4GB', max_connections: '50' };
    server = await startArchivingServer({
      programs: programs ?? '',
      archiveTimeoutSeconds: ARCHIVE_TIMEOUT_SECONDS,
      settings,
    });
    await server.archive('/bin/true');
    service = await makeService(server);
    login = await makeBackupLogin(server);
    print(`PostgreSQL ${versionOf(programs ?? '')}, ${USERS} users, ${await addUsers(server, USERS)} MiB`);
    await server.archive();
  });
  afterAll(async () => {
    await service.close();
    await server.close();
  });

  it('has a base backup', async () => {
    const start = performance.now();
    const { code, output } = await runScript('backup', ['--directory', server.backups], login);
    expect(code, output).toBe(0);
    print(`base backup in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  });

  it('is lost under load, shortly before the next WAL is archived', async () => {
    const [api, firstRelay, worker] = await Promise.all([
      service.start('api'),
      service.start('relay'),
      service.start('worker', SLOW_PAYMENTS),
    ]);
    load = startWriteLoad(api.url, CLIENTS);
    await eventually(
      () => {
        expect(load.people.length).toBeGreaterThan(BACKLOG);
      },
      { deadlineMs: 60_000 },
    );
    const [first] = load.people;
    const relay = await worstMoment({ server, service, archiveTimeoutSeconds: ARCHIVE_TIMEOUT_SECONDS }, firstRelay);
    erasedId = first?.id ?? '';
    erased = [erasedId, first?.orderId ?? ''];
    if (first !== undefined) await erase(api.url, first);
    await eventually(
      async () => {
        expect((await readEvents(service)).some(({ type }) => type === 'UserErased')).toBe(true);
      },
      { deadlineMs: 20_000 },
    );
    await server.lose();
    await load.end();
    await Promise.all([api, relay, worker].map(({ stop }) => stop()));
  });

  it('is restored from the archive', async () => {
    const start = performance.now();
    const target = join(server.folder, 'restored');
    const { code, output } = await runScript('restore', [
      '--to',
      'latest',
      '--directory',
      server.backups,
      '--target',
      target,
      '--yes',
    ]);
    expect(code, output).toBe(0);
    since = /--since (\S+)/.exec(output)?.[1] ?? '';
    await server.start(target);
    restoredInMs = performance.now() - start;
  });

  it('would keep undecided orders if the worker only went on', async () => {
    const worker = await service.start('worker');
    await caughtUp(service);
    await worker.stop();
    const stuck = await count(
      "orders WHERE status = 'placed' AND NOT EXISTS (SELECT FROM outbox WHERE key = orders.id)",
    );
    print(`${stuck} orders stay undecided without the reconciliation`);
    expect(stuck).toBeGreaterThan(0);
  });

  it('refuses the reconciliation while the worker runs', async () => {
    const worker = await service.start('worker');
    const { code, output } = await runScript('restore', ['reconcile', '--since', since, '--yes'], service.env);
    expect(output).toContain('members: stop the worker first');
    expect(code).toBe(1);
    await worker.stop();
  });

  it('serves reads and writes again', async () => {
    const start = performance.now();
    const { code, output } = await runScript('restore', ['reconcile', '--since', since, '--yes'], service.env);
    expect(code, output).toBe(0);
    if (variable(env, 'RESTORE_VERBOSE')) process.stdout.write(output.replaceAll(/^.*unknown .*\n/gm, ''));
    expect(output).toContain(`  erased user ${erasedId}`);
    ready = await service.start('api');
    const rows = await readRows(server);
    const survivor = load.people.find(({ id }) => rows.users.has(id));
    const token = await logIn(ready.url, survivor?.username ?? '');
    expect(await request(`${ready.url}/users/${survivor?.id ?? ''}`, { token })).toMatchObject({ status: 200 });
    const user = { username: 'after-the-restore', name: 'Ann', email: 'after@example.com', password: PASSWORD };
    expect(await request(`${ready.url}/users`, { method: 'POST', body: user })).toMatchObject({ status: 201 });
    const seconds = (restoredInMs + performance.now() - start) / 1000;
    print(
      `RTO ${seconds.toFixed(1)} s (target ≤ ${MAX_RTO_SECONDS} s), of these ${(restoredInMs / 1000).toFixed(1)} s until PostgreSQL accepted connections`,
    );
    expect(seconds).toBeLessThanOrEqual(MAX_RTO_SECONDS);
    const unknown = [...output.matchAll(/unknown user (\S+)/g)].map(([, id]) => id);
    expect(unknown.length).toBeGreaterThan(0);
    expect(unknown.filter((id) => rows.users.has(id ?? ''))).toEqual([]);
  });

  it('has lost the commits of less than a minute, all of them after the others', async () => {
    const { lost, lostIds, holes, rpoSeconds } = judgeLoss(
      load.acknowledged.filter(({ id }) => !erased.includes(id)),
      await readRows(server),
    );
    print(
      `RPO ${rpoSeconds.toFixed(1)} s (target ≤ ${MAX_RPO_SECONDS} s): ${lost} of ${load.acknowledged.length} acknowledged writes lost, archive_timeout ${ARCHIVE_TIMEOUT_SECONDS} s`,
    );
    expect(holes).toEqual([]);
    expect(rpoSeconds).toBeLessThanOrEqual(MAX_RPO_SECONDS);
    const stranger = load.people.find(({ id }) => lostIds.has(id));
    // its access token is valid, and the cache had the user
    expect(await request(`${ready.url}/users/${stranger?.id ?? ''}`, { token: stranger?.token ?? '' })).toMatchObject({
      status: 404,
    });
  });

  it('publishes every event that survived, and decides every order', async () => {
    await Promise.all([service.start('relay'), service.start('worker')]);
    await eventually(
      async () => {
        expect(await count('outbox')).toBe(0);
        expect(await count("orders WHERE status = 'placed'")).toBe(0);
      },
      { deadlineMs: 120_000, everyMs: 200 },
    );
    const seen = await readEvents(service);
    const judged = judgeEvents(seen, await readRows(server));
    print(`${seen.length} events, ${countTwice(seen)} of them delivered twice: ${JSON.stringify(judged)}`);
    expect(countTwice(seen)).toBeGreaterThan(0);
    expect(judged).toEqual({ usersWithoutEvent: 0, ordersWithoutEvent: 0, undecided: 0, decidedWithoutEvent: 0 });
    expect(await count(`users WHERE id = '${erasedId}' AND erased_at IS NULL`)).toBe(0);
  });
});
