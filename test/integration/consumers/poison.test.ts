// Poison messages among good ones on a real broker, and their redrive: the small form of R6 in `npm run test:resilience`.

import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import type { ConsumerTelemetry } from '../../../src/consumers/ports.ts';
import { makeConsume } from '../../../src/consumers/consume.ts';
import { makePublishDeadLetter } from '../../../src/consumers/publish-dead-letter.ts';
import type { DecodeEvent } from '../../../src/messaging/codec.ts';
import type { IncomingMessage, Subscriber } from '../../../src/messaging/subscriber.ts';
import { makeRedrive } from '../../../src/consumers/redrive.ts';
import { MessagingError } from '../../../src/messaging/messaging-error.ts';
import { makeKafkaClient, type KafkaClient } from '../../../src/kafka/kafka-client.ts';
import type { Publisher } from '../../../src/messaging/publisher.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import { decodeJson } from '../../support/fakes/consuming.ts';
import { makeTelemetryRecorder } from '../../support/fakes/telemetry.ts';
import { headerText } from '../../../src/messaging/headers.ts';
import { headerTexts, textMessage } from '../../support/text-message.ts';

const MESSAGES = 2000;
const KEYS = 25;
const POISON_EVERY = 20;

const suffix = randomBytes(6).toString('hex');
const TOPIC = `test.${suffix}.orders.v1`;
const DLQ = `${TOPIC}.dlq`;

const noLine = (): void => undefined;
const QUIET = { debug: noLine, info: noLine, warn: noLine, error: noLine, fatal: noLine };

type Effect = { readonly key: string; readonly n: number };

const keyOf = (n: number): string => `key-${n % KEYS}`;
const traceIdOf = (n: number): string => (n + 1).toString(16).padStart(32, '0');
const isPoison = (n: number): boolean => n % POISON_EVERY === 7;
const poisonKind = (n: number): string => ['unreadable', 'forbidden', 'bug'].at(n % 3) ?? '';

/** Numbered; the kind of a poison message is in its value. */
const aMessage = (_: unknown, n: number) =>
  textMessage({
    key: keyOf(n),
    value: Buffer.from(
      JSON.stringify({ type: 'OrderPlaced', key: keyOf(n), n, kind: isPoison(n) ? poisonKind(n) : 'good' }),
    ),
    headers: { 'event-id': String(n), traceparent: `00-${traceIdOf(n)}-00000000000000aa-01` },
  });

const numbersOf = (messages: readonly IncomingMessage[]): number[] =>
  messages.map(({ headers }) => Number(headerText(headers, 'event-id'))).sort((a, b) => a - b);
const POISON = Array.from({ length: MESSAGES }, (_, n) => n).filter(isPoison);

/** A worker whose bugs can be fixed while it runs. */
const makeWorker = (publisher: Publisher) => {
  const state = { fixed: false };
  const effects: Effect[] = [];
  const decode: DecodeEvent = async (value) => {
    const event = await decodeJson(value);
    if (event.payload.kind === 'unreadable' && !state.fixed)
      throw new MessagingError('MESSAGE_UNREADABLE', 'No event.');
    return event;
  };
  const OrderPlaced = ({ payload }: { payload: unknown }): Promise<void> => {
    const { key, n, kind } = payload as Effect & { kind: string };
    if (kind === 'forbidden' && !state.fixed) throw new MessagingError('EVENT_FORBIDDEN', 'Rejected.');
    if (kind === 'bug' && !state.fixed) throw new TypeError('A bug.');
    effects.push({ key, n });
    return Promise.resolve();
  };
  const { telemetry } = makeTelemetryRecorder<ConsumerTelemetry>();
  const consume = makeConsume({
    decode,
    handlers: { OrderPlaced },
    deadLetter: makePublishDeadLetter({
      publisher,
      consumer: 'worker',
      telemetry,
      currentTraceparent: () => undefined,
    }),
    attempts: 3,
    backoff: () => ({ next: () => ({ retryInMs: 1 }) }),
    telemetry,
    continueTrace: (_work, run) => run(),
  });
  return { state, effects, consume };
};

describe('100 poison messages among 2,000', () => {
  let kafka: KafkaClient;
  let publisher: Publisher;
  const subscribers: Subscriber[] = [];

  const subscriber = (group: string): Subscriber => {
    const made = kafka.subscriber({ group: `${group}.${suffix}`, onCrash: noLine });
    subscribers.push(made);
    return made;
  };

  /** Every message of `topic`, from its beginning. */
  const collect = async (topic: string): Promise<IncomingMessage[]> => {
    const messages: IncomingMessage[] = [];
    const handle = (message: IncomingMessage): Promise<void> => {
      messages.push(message);
      return Promise.resolve();
    };
    await subscriber(`reader-of-${topic}`).start({ topics: [topic], handle });
    return messages;
  };

  beforeAll(async () => {
    const { brokers } = inject('kafka');
    const topics = makeTestTopics();
    await topics.open(TOPIC, { partitions: 3 });
    await topics.open(DLQ, { partitions: 3 });
    kafka = await makeKafkaClient({
      client: 'kafkajs',
      brokers,
      clientId: 'test',
      tls: false,
      connectTimeoutMs: 3000,
      requestTimeoutMs: 10_000,
      sendTimeoutMs: 30_000,
      logger: QUIET,
    });
    publisher = kafka.publisher();
  });
  afterAll(async () => {
    await Promise.all(subscribers.map((each) => each.close()));
    await publisher.close();
    await kafka.close();
  });

  it('makes 100 dead letters with origin and trace, handles the others in order, and redrives 100 of 100', async () => {
    const { state, effects, consume } = makeWorker(publisher);
    const [deadLetters, published] = [await collect(DLQ), await collect(TOPIC)];
    await subscriber('worker').start({ topics: [TOPIC], handle: consume });

    await publisher.publish(TOPIC, Array.from({ length: MESSAGES }, aMessage));
    await eventually(
      () => {
        expect([effects.length, deadLetters.length, published.length]).toEqual([1900, 100, MESSAGES]);
      },
      { deadlineMs: 30_000 },
    );

    const good = Array.from({ length: MESSAGES }, (_, n) => n).filter((n) => !isPoison(n));
    for (let k = 0; k < KEYS; k += 1) {
      const ofKey = effects.filter(({ key }) => key === `key-${k}`).map(({ n }) => n);
      expect(ofKey).toEqual(good.filter((n) => keyOf(n) === `key-${k}`));
    }
    expect(numbersOf(deadLetters)).toEqual(POISON);
    for (const { key, value, headers } of deadLetters) {
      const id = headerText(headers, 'event-id');
      const origin = published.find((message) => headerText(message.headers, 'event-id') === id);
      expect({ key, value }).toEqual({ key: origin?.key, value: origin?.value });
      expect(headerTexts({ headers })).toMatchObject({
        'dlq-topic': TOPIC,
        'dlq-partition': String(origin?.partition),
        'dlq-offset': origin?.offset,
        'dlq-trace-id': traceIdOf(Number(id)),
      });
    }

    const redrive = makeRedrive({ subscriber: subscriber('worker-redrive'), publisher, idleMs: 20_000 });
    const { signal } = new AbortController();
    state.fixed = true;
    const report = await redrive({ topic: TOPIC, dryRun: false, discard: false, signal, onDeadLetter: noLine });

    expect(report).toEqual({ waiting: 100, redriven: 100, discarded: 0, kept: 0, left: 0 });
    await eventually(
      () => {
        expect([effects.length, published.length]).toEqual([MESSAGES, MESSAGES + 100]);
      },
      { deadlineMs: 20_000 },
    );
    const redriven = published.filter(({ headers }) => headerText(headers, 'dlq-redriven') === '1');
    expect(numbersOf(redriven)).toEqual(POISON);
    expect(
      effects
        .slice(1900)
        .map(({ n }) => n)
        .sort((a, b) => a - b),
    ).toEqual(POISON);
    expect(deadLetters).toHaveLength(100);
  }, 90_000);
});
