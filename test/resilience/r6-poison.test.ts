// R6: poison messages among good orders: the worker publishes each as a dead letter with its origin, decides the other orders, and a redrive
// publishes every dead letter again.

import { describe, expect, it } from 'vitest';

import { EVENT_TOPICS } from '../../src/messaging/event-topics.ts';
import { makeKafkaClient } from '../../src/kafka/kafka-client.ts';
import { startProgram } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { startMember } from './support/fleet.ts';
import { countByStatus, messageOf, placeOrders } from './support/place-orders.ts';
import { readMessages } from './support/read-events.ts';
import { FULL, makeChance, report, scaled, SEED } from './support/scale.ts';
import type { Surroundings } from './support/surroundings.ts';
import { useStack } from './support/use-stack.ts';

const MESSAGES = scaled(10_000, 1000);
const POISON = scaled(100, 20);
const TOPIC = EVENT_TOPICS.OrderPlaced;
const DLQ = `${TOPIC}.dlq`;
const noLine = (): void => undefined;
const QUIET = { debug: noLine, info: noLine, warn: noLine, error: noLine, fatal: noLine };

let surroundings: Surroundings;
const members = useStack((made) => (surroundings = made));

type Message = Awaited<ReturnType<typeof messageOf>>;

/** Wrong magic byte, unknown schema id, truncated; the fourth kind is an invalid amount, see below. */
const CORRUPTIONS: ((value: Buffer) => Buffer)[] = [
  (value) => Buffer.concat([Buffer.from([1]), value.subarray(1)]),
  (value) => Buffer.concat([value.subarray(0, 1), Buffer.from([0x7f, 0xff, 0xff, 0xff]), value.subarray(5)]),
  (value) => value.subarray(0, -3),
];

describe('R6: poison', () => {
  it(
    `makes ${POISON} dead letters of ${MESSAGES} messages and decides the others`,
    { timeout: FULL ? 600_000 : 120_000 },
    async () => {
      const chance = makeChance(SEED);
      const { env, kafka } = surroundings;
      members.push(await startMember({ role: 'worker', env, nextPoint: () => undefined, chance, onKilled: noLine }));
      const orders = await placeOrders(surroundings, MESSAGES);
      const poisoned = new Set<number>();
      while (poisoned.size < POISON) poisoned.add(Math.floor(chance() * MESSAGES));
      const messages: Message[] = await Promise.all(
        orders.map(async (order, n) => {
          if (!poisoned.has(n)) return messageOf(surroundings, order);
          const corrupt = CORRUPTIONS.at(n % (CORRUPTIONS.length + 1));
          if (corrupt === undefined) return messageOf(surroundings, order, -1);
          const message = await messageOf(surroundings, order);
          return { ...message, value: corrupt(message.value) };
        }),
      );
      const client = await makeKafkaClient({
        client: 'kafkajs',
        brokers: kafka.brokers,
        clientId: 'r6',
        tls: false,
        connectTimeoutMs: 3000,
        requestTimeoutMs: 10_000,
        sendTimeoutMs: 30_000,
        logger: QUIET,
      });
      const publisher = client.publisher();
      await publisher.publish(TOPIC, messages);
      await publisher.close();
      await client.close();
      await eventually(
        async () => {
          expect(await countByStatus(surroundings)).toEqual({ confirmed: MESSAGES - POISON, placed: POISON });
        },
        { deadlineMs: scaled(300_000, 60_000), everyMs: 100 },
      );
      const deadLetters = await eventually(
        async () => {
          const read = await readMessages(kafka.brokers, DLQ);
          expect(read).toHaveLength(POISON);
          return read;
        },
        { deadlineMs: 20_000, everyMs: 500 },
      );
      const traceIds = new Set([...poisoned].map((n) => (orders.at(n)?.eventId ?? '').replaceAll('-', '')));
      const complete = deadLetters.filter(
        ({ headers = {} }) =>
          String(headers['dlq-topic']) === TOPIC &&
          /^\d$/.test(String(headers['dlq-partition'])) &&
          /^\d+$/.test(String(headers['dlq-offset'])) &&
          traceIds.delete(String(headers['dlq-trace-id'])),
      ).length;

      const redrive = startProgram('redrive', { args: ['--topic', TOPIC], env });
      expect(await redrive.exited, redrive.output.stderr).toBe(0);
      const redriven = Number([...redrive.output.stdout.matchAll(/\b(\d{1,6}) of \d/g)].at(-1)?.[1]);
      // still poison: each becomes a dead letter again
      await eventually(
        async () => {
          expect(await readMessages(kafka.brokers, DLQ)).toHaveLength(2 * POISON);
        },
        { deadlineMs: 30_000, everyMs: 500 },
      );
      report('R6', [
        { name: 'dead letters with origin and trace id', value: complete, target: String(POISON) },
        { name: 'others decided', value: MESSAGES - POISON, target: String(MESSAGES - POISON) },
        { name: 'redriven', value: redriven, target: String(POISON) },
      ]);
      expect({ complete, redriven }).toEqual({ complete: POISON, redriven: POISON });
      expect(members.flatMap(({ failures }) => failures)).toEqual([]);
    },
  );
});
