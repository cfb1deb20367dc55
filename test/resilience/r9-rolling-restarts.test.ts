// R9: three processes behind a load balancer are replaced one by one under load, repeatedly: no request fails, and each process ends in time, with
// its last log line and its last span, although clients hold connections to it on which they send nothing or half a request. Two controls show that the same load finds a process that ends without draining.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.ts';
import { openSocket } from '../support/http/raw-request.ts';
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

/** The drain delay, the requests that are open, and the close steps. Far below the timeout of a shutdown, 25 s. */
const MAX_END_MS = 15_000;

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

/** Connections that nobody closes: as a browser opens them in advance, and as an attacker keeps them. */
const HELD = ['', 'GET /api', 'GET / HTTP/1.1\r\nHost: a\r\n'];

/** The same, with connections open to both of its ports. @returns its life, and how many connections were open when it was told to end */
const endHeld = async (): Promise<Life & { readonly held: number }> => {
  const ports = replicas[0]?.ports ?? [];
  const clients = await Promise.all(ports.flatMap((port) => HELD.map((bytes) => openSocket(port, bytes))));
  for (const { read } of clients) read();
  const held = clients.filter(({ socket }) => !socket.destroyed).length;
  const life = await endOldest('SIGTERM');
  await Promise.all(clients.map(({ closed }) => closed));
  return { ...life, held };
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
    const ends: ReturnType<typeof endHeld>[] = [];
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
      ends.push(endHeld()); // while it drains, the next one starts
    }
    const lives = await Promise.all(ends);
    await reaches(REQUESTS);
    await load.end();
    const seconds = Math.round((performance.now() - begin) / 1000);
    const changes = await countChanges();

    const ended = lives.filter(({ exitCode }) => exitCode === 0).length;
    const lines = lives.filter(({ hasLastLine }) => hasLastLine).length;
    const spans = lives.filter(({ hasLastSpan }) => hasLastSpan).length;
    const held = lives.filter((life) => life.held === 2 * HELD.length).length;
    const longest = Math.max(...lives.map(({ tookMs }) => tookMs));
    report('R9', [
      { name: 'failed requests', value: listCounts(load.failures), target: '0' },
      { name: 'requests', value: `${load.counts.requests} in ${seconds} s`, target: `≥ ${REQUESTS}` },
      { name: 'restarts that ended with 0', value: `${ended} of ${lives.length}`, target: 'all' },
      { name: 'longest end', value: `${longest} ms`, target: `< ${MAX_END_MS} ms` },
      { name: 'ended with silent and half-spoken connections', value: held, target: String(lives.length) },
      { name: 'last lines', value: lines, target: String(lives.length) },
      { name: 'last spans', value: spans, target: String(lives.length) },
      { name: 'changes', value: changes, target: String(load.counts.changes) },
    ]);
    expect(load.failures).toEqual(new Map());
    const all = lives.length;
    expect({ ended, held, lines, spans }).toEqual({ ended: all, held: all, lines: all, spans: all });
    expect(longest).toBeLessThan(MAX_END_MS);
    expect(changes).toBe(load.counts.changes);
  });
});

describe('the same load', () => {
  it('finds a process that does not wait before it closes, and one that is killed', async () => {
    await start(0);
    balancer.probeEvery(2000); // long enough for requests to arrive
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
