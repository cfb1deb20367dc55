// Two releases and two schemas: what runs, what waits, and that nothing fails on the way from one to the other and back.

import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';

import { REQUIRED_MIGRATION } from '../../src/postgres/postgres-check.ts';
import { copyOfMigrations, migrationsOf } from '../integration/postgres/arrange-migrations.ts';
import { startLoadBalancer } from '../resilience/support/load-balancer.ts';
import { startReplica } from '../resilience/support/replica.ts';
import { listCounts } from '../resilience/support/scale.ts';
import { startSteadyLoad } from '../resilience/support/steady-load.ts';
import { makeStoreSurroundings, type StoreSurroundings } from '../resilience/support/store-surroundings.ts';
import { eventually } from '../support/eventually.ts';
import { travel } from './journey.ts';
import { migrateUp, saw, startProcess } from './process.ts';
import { settingsOf } from './settings.ts';

/** What a cell has opened is closed however it ends. */
const closing = <T>(opened: T, close: (opened: T) => Promise<unknown>): T => {
  onTestFinished(async () => {
    await close(opened);
  });
  return opened;
};

const openBalancer = async () => closing(await startLoadBalancer(), (balancer) => balancer.close());
const openApi = async (options: { env: StoreSurroundings['env']; root?: string }) =>
  closing(await startProcess({ role: 'api', ...options }), (api) => api.end());

const PLANTED = join(import.meta.dirname, 'fixtures/9000_rename-users-name.sql');

let surroundings: StoreSurroundings;
beforeEach(async () => {
  surroundings = await makeStoreSurroundings({ migrated: false });
});
afterEach(() => surroundings.close());

describe.each(inject('previous'))('previous release: $name', (previous) => {
  const { directory: root, hasOrders, migrations } = previous;
  const needsMore = !migrations.includes(REQUIRED_MIGRATION);

  /** The previous api on the schema that is there, as a client sees it. */
  const travelThroughPrevious = async () => {
    const api = await openApi({ env: surroundings.env, root });
    await api.becomes(200);
    const travelled = await travel(api.url, { orders: hasOrders });
    expect(await api.end()).toBe(0);
    return travelled;
  };

  it('runs fully on our schema', async () => {
    await migrateUp(surroundings.database);
    const said = await migrateUp(surroundings.database, root);
    const { answers } = await travelThroughPrevious();
    saw(`${previous.name} · its code on our schema`, `ready; ${answers} answers as they must be; its migrate: ${said}`);
    expect(said).toContain('nothing to apply');
  });

  it.runIf(needsMore)(
    'leaves a schema that our code waits on, without traffic, until the migration comes',
    async () => {
      await migrateUp(surroundings.database, root);
      const balancer = await openBalancer();
      const api = await openApi({ env: surroundings.env });
      balancer.add(api.backend);
      await api.becomes(503);
      await eventually(() => {
        expect(api.output.stdout).toContain(`migration ${REQUIRED_MIGRATION} is not applied`);
      });
      await api.becomes(503);
      expect((await fetch(`${balancer.url}/users/x`)).status).toBe(502);
      await migrateUp(surroundings.database);
      await api.becomes(200);
      const { answers } = await travel(api.url, { orders: true });
      saw(
        `${previous.name} · our code on its schema`,
        `not ready, "migration ${REQUIRED_MIGRATION} is not applied", no traffic; migrated: ready by itself, ${answers} answers`,
      );
    },
  );

  it('is replaced by ours and comes back under traffic, without a failed request', async () => {
    const { database, env, pool } = surroundings;
    await migrateUp(database, root);
    const balancer = await openBalancer();
    const waits = { ...env, LIFECYCLE_DRAIN_DELAY_MS: '1000' };
    const open = async (from?: string) =>
      closing(
        await startReplica(balancer, from === undefined ? waits : await settingsOf(from, waits), from),
        (replica) => replica.end('SIGKILL'),
      );
    const theirs = await open(root);
    const load = closing(startSteadyLoad(balancer.url, 4), ({ end }) => end());
    const applied = (await migrateUp(database)).match(/^applied /gm)?.length ?? 0;
    const ours = await open();
    expect((await theirs.end('SIGTERM')).exitCode).toBe(0);
    await open(root);
    expect((await ours.end('SIGTERM')).exitCode).toBe(0);
    const before = load.counts.requests;
    await eventually(() => {
      expect(load.counts.requests).toBeGreaterThan(before + 100);
    });
    await load.end();
    const { rows } = await pool.query<{ changes: number }>('SELECT sum(version - 1)::integer AS changes FROM users');
    saw(
      `${previous.name} · roll-out and rollback under traffic`,
      `${applied} migrations applied, ${load.counts.requests} requests, failed ${listCounts(load.failures)}, ${rows[0]?.changes ?? -1} of ${load.counts.changes} changes kept`,
    );
    expect(load.failures).toEqual(new Map());
    expect(rows[0]?.changes).toBe(load.counts.changes);
  });

  it('would break on a planted migration that renames what it reads, and the matrix says so', async () => {
    const directory = await copyOfMigrations();
    await cp(PLANTED, join(directory, '9000_rename-users-name.sql'));
    expect((await migrationsOf(surroundings.database, { directory }).up()).at(-1)).toBe('9000_rename-users-name');
    await rm(directory, { recursive: true });
    const broken = await travelThroughPrevious().catch((error: unknown) => error);
    expect(broken).toMatchObject({ message: expect.stringMatching(/^POST \/users answered 500, not 201/) as string });
    saw(`${previous.name} · a planted breaking migration`, 'found: POST /users answered 500, not 201');
  });
});
