// Two releases and two schemas: which combination is ready, which waits, and a rolling update and rollback without a failed request.

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
import { runJourney } from './journey.ts';
import { migrateUp, reportCheck, startProcess } from './process.ts';
import { settingsOf } from './settings.ts';

/** Closes `opened` at the end of the test, whatever its result. */
const closing = <T>(opened: T, close: (opened: T) => Promise<unknown>): T => {
  onTestFinished(async () => {
    await close(opened);
  });
  return opened;
};

const openBalancer = async () => closing(await startLoadBalancer(), (balancer) => balancer.close());
const openApi = async (options: { env: StoreSurroundings['env']; root?: string }) =>
  closing(await startProcess({ role: 'api', ...options }), (api) => api.end());

const BREAKING_MIGRATION = join(import.meta.dirname, 'fixtures/9000_rename-users-name.sql');

let surroundings: StoreSurroundings;
beforeEach(async () => {
  surroundings = await makeStoreSurroundings({ migrated: false });
});
afterEach(() => surroundings.close());

describe.each(inject('previous'))('previous release: $name', (previous) => {
  const { directory: root, hasOrders, migrations } = previous;
  const lacksMigration = !migrations.includes(REQUIRED_MIGRATION);

  /** Runs the journey against the previous api on the current schema of the database. */
  const runPreviousJourney = async () => {
    const api = await openApi({ env: surroundings.env, root });
    await api.becomes(200);
    const journey = await runJourney(api.url, { orders: hasOrders });
    expect(await api.end()).toBe(0);
    return journey;
  };

  it('runs on the current schema', async () => {
    await migrateUp(surroundings.database);
    const migrateOutput = await migrateUp(surroundings.database, root);
    const { responses } = await runPreviousJourney();
    reportCheck(
      `${previous.name} · its code on the current schema`,
      `ready; ${responses} responses as expected; its migrate: ${migrateOutput}`,
    );
    expect(migrateOutput).toContain('nothing to apply');
  });

  it.runIf(lacksMigration)('has a schema on which current code is not ready until it is migrated', async () => {
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
    const { responses } = await runJourney(api.url, { orders: true });
    reportCheck(
      `${previous.name} · current code on its schema`,
      `not ready, "migration ${REQUIRED_MIGRATION} is not applied", no traffic; after the migration: ready, ${responses} responses`,
    );
  });

  it('is replaced by the current release and rolled back under traffic without a failed request', async () => {
    const { database, env, pool } = surroundings;
    await migrateUp(database, root);
    const balancer = await openBalancer();
    const draining = { ...env, LIFECYCLE_DRAIN_DELAY_MS: '1000' };
    const open = async (from?: string) =>
      closing(
        await startReplica(balancer, from === undefined ? draining : await settingsOf(from, draining), from),
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
    reportCheck(
      `${previous.name} · rollout and rollback under traffic`,
      `${applied} migrations applied, ${load.counts.requests} requests, failed ${listCounts(load.failures)}, ${rows[0]?.changes ?? -1} of ${load.counts.changes} changes kept`,
    );
    expect(load.failures).toEqual(new Map());
    expect(rows[0]?.changes).toBe(load.counts.changes);
  });

  it('fails on a migration that renames a column that it reads', async () => {
    const directory = await copyOfMigrations();
    await cp(BREAKING_MIGRATION, join(directory, '9000_rename-users-name.sql'));
    expect((await migrationsOf(surroundings.database, { directory }).up()).at(-1)).toBe('9000_rename-users-name');
    await rm(directory, { recursive: true });
    const broken = await runPreviousJourney().catch((error: unknown) => error);
    expect(broken).toMatchObject({ message: expect.stringMatching(/^POST \/users returned 500, not 201/) as string });
    reportCheck(`${previous.name} · violation: a breaking migration`, 'found: POST /users returned 500, not 201');
  });
});
