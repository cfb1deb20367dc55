// A worker process, and somebody else who can write to the topic of orders: what they write decides no payment and stops no worker.

import { randomUUID } from 'node:crypto';

import { describe, expect, inject, it } from 'vitest';

import { makeEventCodec } from '../../../src/avro/codec.ts';
import { makeSchemaRegistry } from '../../../src/avro/schema-registry.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../../../src/avro/schemas.ts';
import { EVENT_TOPICS } from '../../../src/messaging/event-topics.ts';
import type { OutgoingMessage } from '../../../src/messaging/publisher.ts';
import { eventually } from '../../support/eventually.ts';
import { headerTexts, textMessage } from '../../support/text-message.ts';
import { publishAll, readAll } from '../kafka/arrange.ts';
import { RAW_MESSAGES, writeRaw } from '../kafka/raw-messages.ts';
import { openPool, registerSchemas, startProcesses } from './support/processes.ts';

const TOPIC = EVENT_TOPICS.OrderPlaced;
/** The sandbox declines it; an event of one cent would be approved. */
const AMOUNT_MINOR = 9_999_999_999;

const INSERT = `
  WITH new_user AS (
    INSERT INTO users (id, username, name, email) SELECT $1::uuid, $1::text, 'Ann', $1::text || '@example.com' RETURNING id
  )
  INSERT INTO orders (id, user_id, amount_minor, currency, status, placed_at)
  SELECT $2::uuid, new_user.id, $3, 'EUR', 'placed', now() FROM new_user`;

/** An order by SQL, so that no event of its own competes. */
const withOrder = async () => {
  const [pool, userId, orderId] = [openPool(), randomUUID(), randomUUID()];
  await pool.query(INSERT, [userId, orderId, AMOUNT_MINOR]);
  const status = async (): Promise<unknown> => {
    const { rows } = await pool.query<{ status: string }>('SELECT status FROM orders WHERE id = $1', [orderId]);
    return rows[0]?.status;
  };
  return { userId, orderId, status, close: () => pool.end() };
};

const makeEventMessage = async () => {
  const schemas = await loadEventSchemas(EVENTS_DIRECTORY);
  const registry = makeSchemaRegistry({ url: inject('registry').url, username: '', timeoutMs: 5000, schemas });
  const { encode } = makeEventCodec({ schemas, registry });
  return async (order: { orderId: string; userId: string; amountMinor: number }): Promise<OutgoingMessage> => {
    const payload = { eventId: randomUUID(), occurredAt: Date.now(), currency: 'EUR', ...order };
    return textMessage({ key: order.orderId, value: await encode('OrderPlaced', payload) });
  };
};

describe('a worker process', { timeout: 120_000 }, () => {
  it.each(['kafkajs', 'platformatic'])(
    'on %s sets aside what others write, and decides by the order',
    async (client) => {
      await registerSchemas();
      const eventOf = await makeEventMessage();
      const order = await withOrder();
      const [worker] = await startProcesses({ client }, ['worker']);
      await worker?.becomes(200);
      const of = { orderId: order.orderId, userId: order.userId, amountMinor: AMOUNT_MINOR };

      await publishAll(TOPIC, [await eventOf({ ...of, userId: randomUUID(), amountMinor: 1 })]);
      const errors = async (): Promise<(string | undefined)[]> =>
        (await readAll(`${TOPIC}.dlq`))
          .filter((letter) => letter.key?.toString() === order.orderId)
          .map((letter) => headerTexts(letter)['dlq-error']);
      await eventually(
        async () => {
          expect(await errors()).toEqual(['ORDER_EVENT_MISMATCH']);
        },
        { deadlineMs: 20_000 },
      );
      expect(await order.status()).toBe('placed');

      const readable = Object.values(RAW_MESSAGES).map((message) => ({ ...message, timestamp: BigInt(Date.now()) }));
      await writeRaw(inject('kafka').brokers, TOPIC, readable);
      await publishAll(TOPIC, [await eventOf(of)]);
      await eventually(
        async () => {
          expect(await order.status()).toBe('rejected');
        },
        { deadlineMs: 20_000 },
      );
      worker?.kill('SIGTERM');
      expect(await worker?.exited).toBe(0);
      await order.close();
    },
  );
});
