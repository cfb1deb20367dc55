// Kafka is stopped and started again: the worker consumes again within ten seconds, and says what it can do meanwhile.

import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { TOPICS } from '../../../src/messaging/event-topics.ts';
import { startNativeKafka, type NativeKafka } from '../../support/native/kafka.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import { allDecided, placeOrders } from './support/orders.ts';
import { openPool, registerSchemas, startProcesses } from './support/processes.ts';

const CONSUMES_WITHIN_MS = 10_000;
const STARTS_WITHIN_MS = 60_000;
let kafka: NativeKafka;
let pool: Pool;

beforeAll(async () => {
  kafka = await startNativeKafka();
  const topics = makeTestTopics(kafka.brokers);
  for (const topic of TOPICS) {
    await topics.open(topic, { partitions: 3 });
    await topics.open(`${topic}.dlq`, { partitions: 3 });
  }
  pool = openPool();
  await registerSchemas();
});
afterAll(async () => {
  await pool.end();
  await kafka.close();
});

describe.each(['kafkajs', 'platformatic'])(
  'after an outage of Kafka, workers on %s',
  { timeout: 180_000 },
  (client) => {
    it('consumes again within 10 s, and is not ready before', async () => {
      const env = { CONSUMERS_GROUP: `worker-${randomUUID()}`, PAYMENTS_DELAY_MS: '0' };
      const programs = await startProcesses({ client, brokers: kafka.brokers, env }, ['relay', 'worker']);
      await Promise.all(programs.map((program) => program.becomes(200, STARTS_WITHIN_MS)));
      await placeOrders(pool);
      await allDecided(pool, STARTS_WITHIN_MS);

      await kafka.stop();
      await Promise.all(programs.map((program) => program.becomes(503, STARTS_WITHIN_MS)));
      await placeOrders(pool);
      const worker = programs[1];
      await worker?.prints(/left the consumer group/);
      await kafka.restart();
      const begin = performance.now();
      await allDecided(pool, CONSUMES_WITHIN_MS).catch((cause: unknown) => {
        throw new Error(worker?.output.stdout, { cause });
      });
      const decided = performance.now() - begin;

      process.stdout.write(`${client}: every order decided ${Math.round(decided)} ms after the return of Kafka\n`);
      await Promise.all(programs.map((program) => program.becomes(200, STARTS_WITHIN_MS)));
      await worker?.prints(/process is not ready[^]*joined the consumer group[^]*process is ready/);
    });
  },
);
