// Performance goal P8: the worker (inbox, decision and next event in one transaction per event) against a bare kafkajs consumer that does one
// insert per batch.

import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { makeConsume } from '../src/consumers/consume.ts';
import { makeOrderPlacedHandler } from '../src/consumers/order-placed.ts';
import { makeDecideOrder } from '../src/orders/decide-order.ts';
import { makeBackoff } from '../src/resilience/backoff.ts';
import { TOPICS } from '../src/messaging/event-topics.ts';
import { makeFindOrder } from '../src/postgres/orders/order-store.ts';
import { makeTransact } from '../src/postgres/transact.ts';
import { eventually } from '../test/support/eventually.ts';
import { makeTestTopics } from '../test/support/test-topics.ts';
import { startEventDependencies, type EventDependencies } from './event-dependencies.ts';
import { format, ratios, summarize } from './statistics.ts';
import { headersOf } from '../src/messaging/headers.ts';

const EVENTS = 3000;
const BATCH = 500;
const ROUNDS = 7;
const TARGET = 0.6;

const FILL = `
  WITH new_user AS (
    INSERT INTO users (id, username, name, email) SELECT $1::uuid, $1::text, 'Bench', $1::text || '@example.com' RETURNING id
  )
  INSERT INTO orders (id, user_id, amount_minor, currency, status, placed_at)
  SELECT order_id, new_user.id, 1999, 'EUR', 'placed', now() FROM new_user, unnest($2::uuid[]) AS order_id`;
const INSERT_BATCH = `
  INSERT INTO inbox (consumer, event_id)
  SELECT 'bare', event_id FROM unnest($1::uuid[]) AS event_id`;

const noop = (): void => undefined;

/** Creates a topic that contains `EVENTS` undecided orders. */
const arrange = async ({ pool, client, codec, brokers }: EventDependencies): Promise<string> => {
  const userId = randomUUID();
  const orders = Array.from({ length: EVENTS }, () => randomUUID());
  await pool.query(FILL, [userId, orders]);
  const topic = `bench-${randomUUID()}`;
  await makeTestTopics(brokers).open(topic, { partitions: 3 });
  const publisher = client.publisher();
  for (let from = 0; from < EVENTS; from += BATCH) {
    const messages = orders.slice(from, from + BATCH).map(async (orderId) => {
      const payload = {
        eventId: randomUUID(),
        occurredAt: Date.now(),
        orderId,
        userId,
        amountMinor: 1999,
        currency: 'EUR',
      };
      return {
        key: Buffer.from(orderId),
        value: await codec.encode('OrderPlaced', payload),
        headers: headersOf({ 'event-id': payload.eventId, 'event-type': 'OrderPlaced' }),
      };
    });
    await publisher.publish(topic, await Promise.all(messages));
  }
  await publisher.close();
  return topic;
};

const allDone = (count: () => number): Promise<void> =>
  eventually(
    () => {
      if (count() < EVENTS) throw new Error(`${count()} of ${EVENTS} events handled`);
    },
    { deadlineMs: 60_000, everyMs: 5 },
  );

const measureWorker = async (parts: EventDependencies): Promise<number> => {
  const topic = await arrange(parts);
  let decided = 0;
  const decideOrder = makeDecideOrder({
    findOrder: makeFindOrder(parts.pool),
    transact: makeTransact(parts.pool),
    payments: { authorize: () => Promise.resolve('approved') },
    telemetry: { orderConfirmed: () => (decided += 1), orderRejected: noop },
    now: () => new Date(),
  });
  const consume = makeConsume({
    decode: parts.codec.decode,
    handlers: { OrderPlaced: makeOrderPlacedHandler({ decideOrder }) },
    deadLetter: () => Promise.reject(new Error('unexpected dead letter')),
    attempts: 1,
    backoff: () => makeBackoff({ firstMs: 100, maxMs: 100 }),
    telemetry: { handled: noop, skipped: noop, retrying: noop, deadLettered: noop },
    continueTrace: (_work, run) => run(),
  });
  const subscriber = parts.client.subscriber({ group: topic, onCrash: noop });
  const startedAt = performance.now();
  await subscriber.start({ topics: [topic], handle: consume });
  await allDone(() => decided);
  const seconds = (performance.now() - startedAt) / 1000;
  await subscriber.close();
  return seconds;
};

const measureBare = async (parts: EventDependencies): Promise<number> => {
  const topic = await arrange(parts);
  let handled = 0;
  const kafka = new kafkajs.Kafka({ brokers: [...parts.brokers], logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 250 });
  const startedAt = performance.now();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachBatch: async ({ batch }) => {
      const ids = batch.messages.map(({ headers }) => headers?.['event-id']?.toString());
      await parts.pool.query(INSERT_BATCH, [ids]);
      handled += ids.length;
    },
  });
  await allDone(() => handled);
  const seconds = (performance.now() - startedAt) / 1000;
  await consumer.disconnect();
  return seconds;
};

const parts = await startEventDependencies(TOPICS);
const rates: { bare: number[]; worker: number[] } = { bare: [], worker: [] };
try {
  for (let round = 0; round <= ROUNDS; round += 1) {
    const bare = EVENTS / (await measureBare(parts));
    const worker = EVENTS / (await measureWorker(parts));
    const name = round === 0 ? 'warm-up' : `round ${String(round)}`;
    console.log(`${name}: bare ${bare.toFixed(0)}, worker ${worker.toFixed(0)} events/s`);
    if (round === 0) continue;
    rates.bare.push(bare);
    rates.worker.push(worker);
  }
} finally {
  await parts.stop();
}
const ratio = ratios(rates.worker, rates.bare);
console.log(`
| ${EVENTS} events on 3 partitions, ${ROUNDS} rounds, including the time to join the group | events/s |
| --- | --- |
| bare kafkajs consumer, one insert per batch | ${format(summarize(rates.bare), 0)} |
| worker: decode, one transaction per event | ${format(summarize(rates.worker), 0)} |

P8: ${format(ratio, 2)} of the throughput of the bare consumer (target ≥ ${TARGET})`);
process.exit(0);
