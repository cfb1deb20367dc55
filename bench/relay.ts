// Performance goal P7: the relay (fetch, Avro, send, delete) against a bare kafkajs producer that sends the same bytes in the same batches.

import { topicOf } from '../src/messaging/event-topics.ts';
import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { eventually } from '../test/support/eventually.ts';
import { makePublishBatch } from '../src/outbox/publish-batch.ts';
import { makeRelay } from '../src/outbox/relay.ts';
import { EVENT_TOPICS } from '../src/messaging/event-topics.ts';
import { makeOutboxShards } from '../src/postgres/outbox/outbox-shards.ts';
import { makeOutboxSignal } from '../src/postgres/outbox/outbox-signal.ts';
import { startEventDependencies, type EventDependencies } from './event-dependencies.ts';
import { format, ratios, summarize } from './statistics.ts';

const EVENTS = 20_000;
const BATCH = 500;
const ROUNDS = 7;
const TOPIC = EVENT_TOPICS.UserRegistered;
const TARGET = { ratio: 0.6, eventsPerSecond: 8000 };

const FILL = `
  INSERT INTO outbox (event_id, event_type, key, payload)
  SELECT id, 'UserRegistered', id, jsonb_build_object('eventId', id, 'occurredAt', 1767225600000, 'userId', id)
  FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, $1)) AS ids`;

const noop = (): void => undefined;

/** Seconds from the first fetch to the last delete. */
const measureRelay = async ({ pool, connection, client, codec }: EventDependencies): Promise<number> => {
  await pool.query(FILL, [EVENTS]);
  const publisher = client.publisher();
  let published = 0;
  const relay = makeRelay({
    outbox: makeOutboxShards(pool),
    signal: makeOutboxSignal({ connection, onError: noop }),
    publishBatch: makePublishBatch({
      topicOf,
      encode: codec.encode,
      publisher,
      continueTrace: (_work, run) => run(),
      currentTraceparent: () => undefined,
    }),
    telemetry: {
      published: ({ count }) => (published += count),
      parked: noop,
      leading: noop,
      interrupted: ({ err }) => {
        throw err as Error;
      },
    },
    shards: 1,
    batchSize: BATCH,
    pollMs: 1000,
  });
  const startedAt = performance.now();
  relay.start();
  await eventually(
    () => {
      if (published < EVENTS) throw new Error(`${published} of ${EVENTS} events published`);
    },
    { deadlineMs: 60_000, everyMs: 5 },
  );
  const seconds = (performance.now() - startedAt) / 1000;
  await relay.close();
  await publisher.close();
  return seconds;
};

const measureBare = async ({ brokers, codec }: EventDependencies): Promise<number> => {
  const id = randomUUID();
  const value = await codec.encode('UserRegistered', { eventId: id, occurredAt: 1_767_225_600_000, userId: id });
  const messages = Array.from({ length: BATCH }, () => ({
    key: randomUUID(),
    value,
    headers: { 'event-id': id, 'event-type': 'UserRegistered' },
  }));
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const startedAt = performance.now();
  for (let sent = 0; sent < EVENTS; sent += BATCH) await producer.send({ topic: TOPIC, acks: -1, messages });
  const seconds = (performance.now() - startedAt) / 1000;
  await producer.disconnect();
  return seconds;
};

const parts = await startEventDependencies([TOPIC]);
const rates: { bare: number[]; relay: number[] } = { bare: [], relay: [] };
try {
  for (let round = 0; round <= ROUNDS; round += 1) {
    const bare = EVENTS / (await measureBare(parts));
    const relay = EVENTS / (await measureRelay(parts));
    const name = round === 0 ? 'warm-up' : `round ${String(round)}`;
    console.log(`${name}: bare ${bare.toFixed(0)}, relay ${relay.toFixed(0)} events/s`);
    if (round === 0) continue;
    rates.bare.push(bare);
    rates.relay.push(relay);
  }
} finally {
  await parts.stop();
}
const ratio = ratios(rates.relay, rates.bare);
console.log(`
| ${EVENTS} events in batches of ${BATCH}, ${ROUNDS} rounds | events/s |
| --- | --- |
| bare kafkajs producer, acks = all | ${format(summarize(rates.bare), 0)} |
| relay: fetch, Avro, send, delete | ${format(summarize(rates.relay), 0)} |

P7: ${format(ratio, 2)} of the throughput of the bare producer (target ≥ ${TARGET.ratio}, and ≥ ${TARGET.eventsPerSecond} events/s)`);
process.exit(0);
