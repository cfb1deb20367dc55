// What notifying the relay costs those who commit (goal R22), and how long an event takes from its commit to Kafka.

import { makePublishBatch } from '../src/outbox/publish-batch.ts';
import { makeRelay } from '../src/outbox/relay.ts';
import { EVENT_TOPICS, topicOf } from '../src/messaging/event-topics.ts';
import { headerText } from '../src/messaging/headers.ts';
import { makeOrderPlacementStore } from '../src/postgres/orders/order-placement-store.ts';
import { makeOutboxShards } from '../src/postgres/outbox/outbox-shards.ts';
import { makeOutboxSignal } from '../src/postgres/outbox/outbox-signal.ts';
import { eventually } from '../test/support/eventually.ts';
import { addUsers, asAdmin, commitsPerSecond, latencies, WAYS, withWay, type Way } from './commit-load.ts';
import { startEventDependencies, type EventDependencies } from './event-dependencies.ts';
import { format, percentile, ratios, summarize } from './statistics.ts';

const CLIENTS = [16, 40];
const ROUNDS = 5;
const SECONDS = 1.5;
/** Commits that take 20 ms, as with a synchronous standby; the pool and the rate of a service. */
const SLOW = { commitDelayUs: 20_000, perSecond: 30, seconds: 8, poolSize: 10 };
const FRESH = { perSecond: 50, seconds: 8, pollMs: 60_000 };
const TARGET = { commits: 0.9, p99: 1.5, freshMs: 100 };
/** The ratio of two measurements of the same: outside of it, something else was running. */
const CALIBRATED = { min: 0.93, max: 1.07 };

const noop = (): void => undefined;
const perWay = <T>(make: () => T): Map<Way, T> => new Map(WAYS.map((way) => [way, make()]));
const of = <T>(map: ReadonlyMap<Way, T>, way: Way): T => map.get(way) as T;

const measureCommits = async (parts: EventDependencies, users: readonly string[], clients: number) => {
  const rates = perWay<number[]>(() => []);
  for (let round = 0; round <= ROUNDS; round += 1) {
    // in another order each time: what the one before left behind must not be the same way's in every round
    for (const way of WAYS.map((_, place) => WAYS[(place + round) % WAYS.length] ?? 'none')) {
      const work = (pool: Parameters<typeof commitsPerSecond>[0]) =>
        commitsPerSecond(pool, users.slice(0, clients), SECONDS);
      const rate = await withWay(way, { parts, max: clients }, work);
      if (round > 0) of(rates, way).push(rate);
    }
  }
  return rates;
};

const slowCommits = (parts: EventDependencies, delay: number) =>
  asAdmin(`ALTER DATABASE bench SET commit_delay = ${String(delay)}`, parts).then(() =>
    asAdmin('ALTER DATABASE bench SET commit_siblings = 0', parts),
  );

const measureLatency = async (parts: EventDependencies, users: readonly string[]) => {
  await slowCommits(parts, SLOW.commitDelayUs);
  const measured = new Map<Way, Awaited<ReturnType<typeof latencies>>>();
  for (const way of WAYS)
    measured.set(
      way,
      await withWay(way, { parts, max: SLOW.poolSize }, (pool) =>
        latencies({ ...SLOW, users }, makeOrderPlacementStore(pool).insert),
      ),
    );
  await slowCommits(parts, 0);
  return measured;
};

/** Milliseconds from the end of the commit to the acknowledgement by Kafka, without any help by polling. */
const measureFreshness = async (parts: EventDependencies, users: readonly string[]): Promise<number[]> => {
  const publisher = parts.client.publisher();
  const [committedAt, acknowledgedAt] = [new Map<string, number>(), new Map<string, number>()];
  let leads = false;
  const relay = makeRelay({
    outbox: makeOutboxShards(parts.pool),
    signal: makeOutboxSignal({ connection: parts.connection, onError: noop }),
    publishBatch: makePublishBatch({
      ...{ topicOf, encode: parts.codec.encode, continueTrace: (_work, run) => run() },
      currentTraceparent: () => undefined,
      publisher: {
        publish: async (topic, messages) => {
          await publisher.publish(topic, messages);
          for (const { headers } of messages)
            acknowledgedAt.set(headerText(headers, 'event-id') ?? '', performance.now());
        },
      },
    }),
    telemetry: { published: noop, parked: noop, interrupted: noop, leading: () => (leads = true) },
    ...{ shards: 1, batchSize: 500, pollMs: FRESH.pollMs },
  });
  await withWay('after the commit', { parts, max: SLOW.poolSize }, async (pool) => {
    relay.start();
    await eventually(() => {
      if (!leads) throw new Error('The relay does not lead.');
    });
    const store = makeOrderPlacementStore(pool);
    await latencies({ ...FRESH, users }, async (placement) => {
      await store.insert(placement);
      committedAt.set(placement.event.eventId, performance.now());
    });
    await eventually(() => {
      if (acknowledgedAt.size < committedAt.size) throw new Error('Events are missing in Kafka.');
    });
  });
  await relay.close();
  await publisher.close();
  return [...committedAt].map(([id, at]) => Math.max(0, (acknowledgedAt.get(id) ?? Infinity) - at));
};

const parts = await startEventDependencies([EVENT_TOPICS.OrderPlaced]);
// as a relay in production: PostgreSQL wakes it for each notification
const listener = makeOutboxSignal({ connection: parts.connection, onError: noop });
let isVoid = false;
try {
  await listener.listen(noop);
  const users = await addUsers(parts, Math.max(...CLIENTS));
  console.log('| notification | clients | commits/s | of none |\n| --- | --- | --- | --- |');
  for (const clients of CLIENTS) {
    const rates = await measureCommits(parts, users, clients);
    for (const way of WAYS) {
      const ratio = ratios(of(rates, way), of(rates, 'none'));
      console.log(`| ${way} | ${clients} | ${format(summarize(of(rates, way)), 0)} | ${format(ratio, 2)} |`);
      if (way === 'none, again') isVoid ||= ratio.median < CALIBRATED.min || ratio.median > CALIBRATED.max;
    }
  }
  const slow = await measureLatency(parts, users);
  const none = percentile(of(slow, 'none').ms, 0.99);
  console.log('\n| notification, commits of 20 ms | orders | refused | p50 ms | p99 ms | p99 of none |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const [way, { ms, refused }] of slow) {
    const [p50, p99] = [percentile(ms, 0.5), percentile(ms, 0.99)];
    console.log(
      `| ${way} | ${ms.length} | ${refused} | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ${(p99 / none).toFixed(2)} |`,
    );
  }
  const fresh = await measureFreshness(parts, users);
  const [p50, p99] = [percentile(fresh, 0.5), percentile(fresh, 0.99)];
  console.log(`\nCommit to Kafka: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms of ${fresh.length} events
Targets: after the commit ≥ ${TARGET.commits} of none, p99 ≤ ${TARGET.p99} of none, commit to Kafka p99 ≤ ${TARGET.freshMs} ms`);
  if (isVoid)
    console.log(`VOID: the same twice differs by more than ${CALIBRATED.min}–${CALIBRATED.max}. Close what else runs.`);
} finally {
  await listener.close();
  await parts.stop();
}
process.exit(isVoid ? 1 : 0);
