// A process that can't work must not take work from those that can: workers and relays, each on its own connections.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { makeTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { makeBrokerProxy } from '../kafka/broker-proxy.ts';
import { allDecided, allPublished, placeOrders } from './support/orders.ts';
import { openPool, postgresAddress, registerSchemas, startProcesses } from './support/processes.ts';

const WORKS_WITHIN_MS = 5000;
/** After a dependency went away or came back: noticing it, and the rebalance of the group, come first. */
const HANDED_OVER_WITHIN_MS = 15_000;
const STARTS_WITHIN_MS = 60_000; // several processes start at once
const PAYMENTS_AT_ONCE = { PAYMENTS_DELAY_MS: '0' };
const wrongSecrets = mkdtempSync(join(tmpdir(), 'user-service-secrets-'));
let pool: Pool;
let group: string;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  writeFileSync(join(wrongSecrets, 'postgres_password'), 'not the password');
  pool = openPool();
  await registerSchemas();
});
beforeEach(() => {
  group = `worker-${randomUUID()}`;
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((it) => it.close()));
  await pool.query('DELETE FROM orders; DELETE FROM outbox');
});
afterAll(async () => {
  await pool.end();
  rmSync(wrongSecrets, { recursive: true });
});

const keep = <T extends { close(): Promise<void> }>(it: T): T => {
  opened.push(it);
  return it;
};
const proxyToPostgres = async (): Promise<TcpProxy> => keep(await makeTcpProxy(postgresAddress()));
const through = ({ host, port }: TcpProxy) => ({ POSTGRES_HOST: host, POSTGRES_PORT: String(port) });

type Brokers = { readonly brokers?: readonly string[] };

const startOne = async (role: 'relay' | 'worker', env: Record<string, string> = {}, reach: Brokers = {}) => {
  const own = { ...PAYMENTS_AT_ONCE, CONSUMERS_GROUP: group, LIFECYCLE_OUTAGE_TOLERANCE_MS: '1000', ...env };
  const [program] = await startProcesses({ ...reach, env: own }, [role]);
  if (program === undefined) throw new Error('not started');
  return program;
};

const startReady = async (...started: Parameters<typeof startOne>) => {
  const program = await startOne(...started);
  await program.becomes(200, STARTS_WITHIN_MS);
  return program;
};

describe('a worker that has no store', { timeout: 120_000 }, () => {
  it('takes no partition when its password is wrong: the others decide every order', async () => {
    await startReady('relay');
    const broken = await startOne('worker', { SECRETS_DIR: wrongSecrets });
    await Promise.all([startReady('worker'), startReady('worker'), broken.becomes(503, STARTS_WITHIN_MS)]);
    await placeOrders(pool);

    await allDecided(pool, WORKS_WITHIN_MS);

    expect(broken.output.stdout).not.toContain('joined the consumer group');
  });

  it('hands its partitions over when the store goes away, and takes some again when it is back', async () => {
    const proxy = await proxyToPostgres();
    await startReady('relay');
    const [cut, ...others] = await Promise.all([
      startReady('worker', through(proxy)),
      startReady('worker'),
      startReady('worker'),
    ]);
    await placeOrders(pool);
    proxy.down();
    await placeOrders(pool);
    await allDecided(pool, HANDED_OVER_WITHIN_MS);
    await cut.becomes(503);

    proxy.up();
    await cut.becomes(200, STARTS_WITHIN_MS);
    for (const other of others) other.kill('SIGTERM');
    await placeOrders(pool);
    await allDecided(pool, HANDED_OVER_WITHIN_MS);
  });

  it('does not wait for a handler that hangs with the store', async () => {
    const proxy = await proxyToPostgres();
    await startReady('relay');
    const cut = await startReady('worker', { ...through(proxy), POSTGRES_STATEMENT_TIMEOUT_MS: '60000' });
    await startReady('worker');
    proxy.hang();
    await placeOrders(pool);
    await allDecided(pool, HANDED_OVER_WITHIN_MS);
    await cut.prints(/left the consumer group/);
  });

  it('recovers by itself when all workers lose the store at once', async () => {
    const proxy = await proxyToPostgres();
    await startReady('relay');
    const workers = await Promise.all([
      startReady('worker', through(proxy)),
      startReady('worker', through(proxy)),
      startReady('worker', through(proxy)),
    ]);
    proxy.down();
    await placeOrders(pool);
    await Promise.all(workers.map((worker) => worker.prints(/left the consumer group/)));
    proxy.up();
    await allDecided(pool, HANDED_OVER_WITHIN_MS);
  });
});

describe('a relay that has no broker', { timeout: 120_000 }, () => {
  it('leads nothing when its Kafka settings are wrong: the other one publishes every event', async () => {
    const broken = await startOne('relay', {}, { brokers: [`127.0.0.1:${await freePort()}`] });
    await broken.becomes(503, STARTS_WITHIN_MS);
    await startReady('relay');
    await placeOrders(pool);

    await allPublished(pool, WORKS_WITHIN_MS);
  });

  it('resigns when its broker goes away, and leads again when it is back', async () => {
    const [host = '', port = ''] = inject('kafka').brokers[0]?.split(':') ?? [];
    const proxy = keep(await makeBrokerProxy({ host, port: Number(port) }));
    const cut = await startReady('relay', {}, proxy);
    await placeOrders(pool);
    await allPublished(pool, HANDED_OVER_WITHIN_MS);
    const standby = await startReady('relay');
    proxy.down();
    await placeOrders(pool);
    await allPublished(pool, HANDED_OVER_WITHIN_MS);

    proxy.up();
    await cut.becomes(200, STARTS_WITHIN_MS);
    standby.kill('SIGTERM');
    await placeOrders(pool);
    await allPublished(pool, HANDED_OVER_WITHIN_MS);
  });
});
