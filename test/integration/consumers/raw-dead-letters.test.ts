// What other producers write, from the topic through the worker to the dead-letter topic and back, on a real broker and with both clients.

import { randomUUID } from 'node:crypto';

import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import { makeConsume } from '../../../src/consumers/consume.ts';
import type { ConsumerTelemetry } from '../../../src/consumers/ports.ts';
import { makePublishDeadLetter } from '../../../src/consumers/publish-dead-letter.ts';
import { makeRedrive } from '../../../src/consumers/redrive.ts';
import { makeKafkaClient, type KafkaClient } from '../../../src/kafka/kafka-client.ts';
import type { OutgoingMessage, Publisher } from '../../../src/messaging/publisher.ts';
import type { IncomingMessage, Subscriber } from '../../../src/messaging/subscriber.ts';
import { eventually } from '../../support/eventually.ts';
import { decodeJson } from '../../support/fakes/consuming.ts';
import { makeTelemetryRecorder } from '../../support/fakes/telemetry.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import { headerTexts, textMessage } from '../../support/text-message.ts';
import { connectionTo, kafkaBrokers } from '../kafka/arrange.ts';
import { ANY_TIME, RAW_MESSAGES, writeRaw, type RawMessage } from '../kafka/raw-messages.ts';

const MAX_MESSAGE_BYTES = 20_000;
/** With this value a batch is a few bytes below the limit of the topics, which the added headers exceed. */
const FULL_BYTES = MAX_MESSAGE_BYTES - 100;

const timed = (message: OutgoingMessage): RawMessage => ({ ...message, timestamp: 1_764_000_000_000n });
const unreadable = Object.values(RAW_MESSAGES).filter(({ value }) => value !== null);
const full = timed(textMessage({ key: 'full', value: 'x'.repeat(FULL_BYTES) }));
const good = timed(textMessage({ key: 'good', value: '{"type":"OrderPlaced"}' }));
const bytesOf = ({ key, value, headers }: OutgoingMessage): OutgoingMessage => ({ key, value, headers });

const consumeWith = (publisher: Publisher, handled: unknown[]) => {
  const { telemetry } = makeTelemetryRecorder<ConsumerTelemetry>();
  return makeConsume({
    decode: decodeJson,
    handlers: {
      OrderPlaced: (event) => {
        handled.push(event);
        return Promise.resolve();
      },
    },
    deadLetter: makePublishDeadLetter({ publisher, consumer: 'w', telemetry, currentTraceparent: () => undefined }),
    attempts: 1,
    backoff: () => ({ next: () => ({ retryInMs: 1 }) }),
    telemetry,
    continueTrace: (_work, run) => run(),
  });
};

describe.each(['kafkajs', 'platformatic'] as const)('raw messages and a worker on %s', (client) => {
  const topics = makeTestTopics();
  const topic = `test.${randomUUID()}`;
  let kafka: KafkaClient;
  let publisher: Publisher;
  const opened: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    const settings = { ...ANY_TIME, 'max.message.bytes': String(MAX_MESSAGE_BYTES) };
    for (const name of [topic, `${topic}.dlq`]) await topics.open(name, { settings });
    kafka = await makeKafkaClient({ ...connectionTo(inject('kafka').brokers), client, sendTimeoutMs: 10_000 });
    publisher = kafka.publisher();
  });
  afterEach(async () => {
    await Promise.all([...opened.splice(0), publisher, kafka].map((it) => it.close()));
  });

  const crashes: unknown[] = [];
  const subscriber = (): Subscriber => {
    const made = kafka.subscriber({ group: randomUUID(), onCrash: (error) => crashes.push(error) });
    opened.push(made);
    return made;
  };
  const collect = async (from: string): Promise<IncomingMessage[]> => {
    const messages: IncomingMessage[] = [];
    const handle = (message: IncomingMessage): Promise<void> => {
      messages.push(message);
      return Promise.resolve();
    };
    await subscriber().start({ topics: [from], handle });
    return messages;
  };

  it(
    'set each aside, handle the message behind them, and restore each byte for byte',
    { timeout: 60_000 },
    async () => {
      const handled: unknown[] = [];
      await writeRaw(kafkaBrokers, topic, [...unreadable, full, good]);
      await subscriber().start({ topics: [topic], handle: consumeWith(publisher, handled) });
      const letters = await collect(`${topic}.dlq`);
      await eventually(
        () => {
          expect([crashes, handled.length, letters.length]).toEqual([[], 1, unreadable.length + 1]);
        },
        { deadlineMs: 20_000 },
      );
      expect(headerTexts(letters.at(-1) ?? full)).toMatchObject({ 'dlq-value-dropped': 'true', 'dlq-topic': topic });
      const times = letters.map((letter) => headerTexts(letter)['dlq-timestamp']);
      for (const time of ['2025-11-24T16:00:00.000Z', '1764000000000000000', '-1', '1970-01-01T00:00:00.000Z'])
        expect(times).toContain(time);

      const redrive = makeRedrive({ subscriber: subscriber(), publisher, idleMs: 20_000 });
      const { signal } = new AbortController();
      const report = await redrive({ topic, dryRun: false, discard: false, signal, onDeadLetter: () => undefined });

      expect(report).toMatchObject({ redriven: unreadable.length, left: 1 });
      const all = await collect(topic);
      const count = unreadable.length + 2;
      await eventually(() => {
        expect(all.length).toBeGreaterThanOrEqual(count + unreadable.length);
      });
      const redriven = all.slice(count, count + unreadable.length);
      expect(redriven.map((it) => bytesOf({ ...it, headers: it.headers.slice(0, -1) }))).toEqual(
        unreadable.map(bytesOf),
      );
      expect(redriven.map(headerTexts).every((texts) => texts['dlq-redriven'] === '1')).toBe(true);
    },
  );
});
