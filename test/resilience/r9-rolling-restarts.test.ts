// R9: three processes behind a load balancer are replaced one by one under load, repeatedly: no request fails, and each process ends in time, with
// its last log line and its last span. Two controls show that the same load finds a process that ends without draining.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.ts';
import { startLoadBalancer, type LoadBalancer } from './support/load-balancer.ts';
import { startReplica, type Life, type Replica } from './support/replica.ts';
import { FULL, listCounts, report, scaled } from './support/scale.ts';
import { startSteadyLoad } from './support/steady-load.ts';
import { makeStoreSurroundings, type StoreSurroundings } from './support/store-surroundings.ts';

const REQUESTS = scaled(100_000, 1000);
const CLIENTS = scaled(16, 4);
const REPLICAS = 3;
const RESTARTS = scaled(12, 3);
/** Ten times the probe interval of the load balancer. */
const DRAIN_DELAY_MS = 1000;

let surroundings: StoreSurroundings;
let balancer: LoadBalancer;
const replicas: Replica[] = [];

beforeAll(async () => {
  [surroundings, balancer] = await Promise.all([makeStoreSurroundings(), startLoadBalancer()]);
});
afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.end('SIGKILL')));
  await balancer.close();
  await surroundings.close();
});

const start = async (drainDelayMs: number): Promise<void> => {
  const env = {
    ...surroundings.env,
    AUTH_ACCESS_TOKEN_TTL_SECONDS: '3600',
    LIFECYCLE_DRAIN_DELAY_MS: String(drainDelayMs),
  };
  replicas.push(await startReplica(balancer, env));
};
const endOldest = async (signal: NodeJS.Signals): Promise<Life> => {
  const oldest = replicas.shift();
  if (oldest === undefined) throw new Error('No replica is running.');
  return oldest.end(signal);
};

/** The number of changes: each increments the version of its user. */
const countChanges = async (): Promise<number> => {
  const { rows } = await surroundings.pool.query<{ changes: number }>(
    'SELECT sum(version - 1)::integer AS changes FROM users',
  );
  return rows[0]?.changes ?? -1;
};

describe('R9: rolling restarts', () => {
  it(`fail none of ${REQUESTS} requests`, { timeout: FULL ? 900_000 : 120_000 }, async () => {
    await Promise.all(Array.from({ length: REPLICAS }, () => start(DRAIN_DELAY_MS)));
    const load = startSteadyLoad(balancer.url, CLIENTS);
    const begin = performance.now();
    const ends: Promise<Life>[] = [];
    const reaches = (requests: number): Promise<void> =>
      eventually(
        () => {
          expect(load.counts.requests).toBeGreaterThanOrEqual(requests);
        },
        { deadlineMs: 600_000 },
      );
    for (let n = 0; n < RESTARTS; n += 1) {
      await reaches((n * REQUESTS) / RESTARTS);
      await start(DRAIN_DELAY_MS);
      ends.push(endOldest('SIGTERM')); // while it drains, the next one starts
    }
    const lives = await Promise.all(ends);
    await reaches(REQUESTS);
    await load.end();
    const seconds = Math.round((performance.now() - begin) / 1000);
    const changes = await countChanges();

    const ended = lives.filter(({ exitCode }) => exitCode === 0).length;
    const lines = lives.filter(({ hasLastLine }) => hasLastLine).length;
    const spans = lives.filter(({ hasLastSpan }) => hasLastSpan).length;
    const longest = Math.max(...lives.map(({ tookMs }) => tookMs));
    report('R9', [
      { name: 'failed requests', value: listCounts(load.failures), target: '0' },
      { name: 'requests', value: `${load.counts.requests} in ${seconds} s`, target: `≥ ${REQUESTS}` },
      { name: 'restarts that ended with 0', value: `${ended} of ${lives.length}`, target: 'all' },
      { name: 'longest end', value: `${longest} ms`, target: '< 30000 ms' },
      { name: 'last lines', value: lines, target: String(lives.length) },
      { name: 'last spans', value: spans, target: String(lives.length) },
      { name: 'changes', value: changes, target: String(load.counts.changes) },
    ]);
    expect(load.failures).toEqual(new Map());
    expect({ ended, lines, spans }).toEqual({ ended: lives.length, lines: lives.length, spans: lives.length });
    expect(changes).toBe(load.counts.changes);
  });
});

describe('the same load', () => {
  it('finds a process that does not wait before it closes, and one that is killed', async () => {
    await start(0);
    balancer.probeEvery(500); // long enough for requests to arrive
    const load = startSteadyLoad(balancer.url, CLIENTS);
    const count = (): number => [...load.failures.values()].reduce((sum, failed) => sum + failed, 0);
    await eventually(() => {
      expect(load.counts.requests).toBeGreaterThan(200);
    });
    expect(count()).toBe(0);

    expect(await replicas.pop()?.end('SIGTERM')).toMatchObject({ exitCode: 0 });
    const withoutWait = count();
    expect(await endOldest('SIGKILL')).toMatchObject({ exitCode: null, hasLastLine: false });
    await eventually(() => {
      expect(count()).toBeGreaterThan(withoutWait);
    });
    await load.end();
    process.stdout.write(`R9 control: ${withoutWait} failed without the wait, ${count() - withoutWait} by SIGKILL\n`);
    expect(withoutWait).toBeGreaterThan(0);
  });
});
