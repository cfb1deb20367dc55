import fc from 'fast-check';
import { describe, it } from 'vitest';

import { originalMessage, readDeadLetter } from '../../src/consumers/dead-letter.ts';
import type { ConsumerTelemetry } from '../../src/consumers/ports.ts';
import { makePublishDeadLetter } from '../../src/consumers/publish-dead-letter.ts';
import { MessagingError } from '../../src/messaging/messaging-error.ts';
import type { OutgoingMessage } from '../../src/messaging/publisher.ts';
import type { IncomingMessage } from '../../src/messaging/subscriber.ts';
import { makeFakePublisher } from '../support/fakes/consuming.ts';
import { makeTelemetryRecorder } from '../support/fakes/telemetry.ts';
import { headerTexts } from '../support/text-message.ts';

const TOPIC = 'user-service.orders.v1';
const ADDED = [
  ...['dlq-topic', 'dlq-partition', 'dlq-offset', 'dlq-timestamp', 'dlq-consumer', 'dlq-error', 'dlq-reason'],
  ...['dlq-attempts', 'dlq-trace-id', 'dlq-redriven', 'dlq-value-dropped', 'dlq-original-headers'],
];

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const name = fc.oneof(
  fc
    .constantFrom(...ADDED, 'event-id', 'event-type', 'traceparent', '__proto__', 'toString', '')
    .map((text) => Buffer.from(text)),
  bytes(10),
);
const text = fc
  .oneof(fc.constantFrom('0', '1', '99', '-1', '999999999', 'true'), fc.string())
  .map((it) => Buffer.from(it));
const header = fc.record({ name, value: fc.option(fc.oneof(bytes(300), text)) });

const message: fc.Arbitrary<IncomingMessage> = fc.record({
  topic: fc.constant(TOPIC),
  partition: fc.nat(100),
  offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
  key: fc.option(bytes(300)),
  value: fc.option(bytes(300)),
  headers: fc.array(header, { maxLength: 12 }),
  timestamp: fc.oneof(
    fc.constantFrom(0n, -1n, 1_764_000_000_000_000_000n),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  ),
});

/** Whatever a handler may throw, also what defends itself against being described. */
const hostile = [
  Object.assign(new Error('x'), { constructor: undefined }),
  Object.assign(new Error('x'), { constructor: { name: 7 } }),
  new (class extends Error {
    static override get name(): string {
      return '\u001B[2J\u202Eevil\n'.repeat(1000);
    }
  })('x'),
  Object.create(null) as object,
];
const thrown = fc.oneof(
  fc.anything(),
  fc.string().map((it) => new Error(it)),
  fc.constantFrom(...hostile),
);

const deadLetterOf = async (
  incoming: IncomingMessage,
  err: unknown,
  reject: (message: OutgoingMessage) => void = () => undefined,
): Promise<IncomingMessage> => {
  const { published, publisher } = makeFakePublisher(reject);
  const { telemetry } = makeTelemetryRecorder<ConsumerTelemetry>();
  const publish = makePublishDeadLetter({ publisher, consumer: 'w', telemetry, currentTraceparent: () => undefined });
  await publish(incoming, { err, attempts: 1 });
  const [letter] = published;
  if (letter === undefined) throw new Error('no dead letter');
  return { ...letter, partition: 0, offset: '0', timestamp: 0n };
};

const sizeOf = ({ key, value, headers }: OutgoingMessage): number =>
  headers.reduce(
    (sum, it) => sum + it.name.length + (it.value?.length ?? 0),
    (key?.length ?? 0) + (value?.length ?? 0),
  );

const isSame = (one: OutgoingMessage, other: OutgoingMessage): boolean => {
  const parts = ({ key, value, headers }: OutgoingMessage) =>
    [key, value, ...headers.flatMap((it) => [it.name, it.value])].map((it) => it?.toString('hex') ?? null);
  return JSON.stringify(parts(one)) === JSON.stringify(parts(other));
};

describe('any message that can not be handled, whatever its handler throws', () => {
  it('is restored byte for byte by a redrive, which adds one header, also the second time', async () => {
    await fc.assert(
      fc.asyncProperty(message, thrown, async (incoming, err) => {
        const redriven = originalMessage(await deadLetterOf(incoming, err));
        const again = originalMessage(await deadLetterOf({ ...incoming, ...redriven }, err));
        const without = (it: OutgoingMessage, added: number): OutgoingMessage => ({
          ...it,
          headers: it.headers.slice(0, it.headers.length - added),
        });
        return isSame(without(redriven, 1), incoming) && isSame(without(again, 2), incoming);
      }),
      { numRuns: 500 },
    );
  });

  it('is described by printable text of its origin, never by its own headers', async () => {
    await fc.assert(
      fc.asyncProperty(message, thrown, async (incoming, err) => {
        const { topic, partition, offset, error, traceId, whole } = readDeadLetter(await deadLetterOf(incoming, err));
        const isOfOrigin = topic === TOPIC && partition === String(incoming.partition) && offset === incoming.offset;
        return whole && isOfOrigin && /^[\w$]{1,100}$/.test(error) && /^[\da-f]{32}$|^unknown$/.test(traceId);
      }),
      { numRuns: 500 },
    );
  });

  it('fits a small limit of the dead-letter topic without its value, however many headers it has', async () => {
    const LIMIT = 2500;
    const large = fc.record({ count: fc.integer({ min: 1, max: 5000 }), incoming: message, first: name });
    await fc.assert(
      fc.asyncProperty(large, async ({ count, incoming, first }) => {
        const headers = Array.from({ length: count }, () => ({ name: first, value: Buffer.from('small') }));
        const letter = await deadLetterOf({ ...incoming, headers }, new Error('x'), (tried) => {
          if (sizeOf(tried) > LIMIT) throw new MessagingError('MESSAGE_REFUSED', 'Too large.');
        });
        return sizeOf(letter) <= LIMIT && headerTexts(letter)['dlq-topic'] === TOPIC;
      }),
      { numRuns: 100 },
    );
  });
});

describe('the headers of any message in a dead-letter topic', () => {
  it('are read and removed without an error, also when they are forged', () => {
    fc.assert(
      fc.property(message, (forged) => {
        const described = Object.values(readDeadLetter(forged)).every((it) => /^[\x21-\x7E]+$/.test(String(it)));
        const { key, value, headers } = originalMessage(forged);
        return described && key === forged.key && value === forged.value && headers.length <= forged.headers.length + 1;
      }),
      { numRuns: 1000 },
    );
  });
});
