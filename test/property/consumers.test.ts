import fc from 'fast-check';
import { describe, it } from 'vitest';

import type { ConsumerTelemetry } from '../../src/consumers/ports.ts';
import { makeConsume } from '../../src/consumers/consume.ts';
import { makePublishDeadLetter } from '../../src/consumers/publish-dead-letter.ts';
import { makeMemoryBus } from '../../src/embedded/memory/bus.ts';
import { MessagingError } from '../../src/messaging/messaging-error.ts';
import { Unavailable } from '../../src/errors/unavailable.ts';
import { eventually } from '../support/eventually.ts';
import { decodeJson } from '../support/fakes/consuming.ts';
import { makeTelemetryRecorder } from '../support/fakes/telemetry.ts';
import { headerText } from '../../src/messaging/headers.ts';
import { textMessage } from '../support/text-message.ts';

const TOPIC = 'user-service.orders.v1';

/** What may be wrong with a message, and what may fail while it is handled. */
const POISON = ['unreadable', 'forbidden', 'bug'];
const kind = fc.constantFrom('good', 'good', 'outage', 'hiccup', ...POISON);
const sequence = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), kind }), { maxLength: 40 });

type Item = { readonly key: string; readonly kind: string; readonly id: number };

/** Fails as the message says: permanently, or only the first time. */
const makeHandler = (effects: Item[]) => {
  const seen = new Set<number>();
  return async ({ payload }: { payload: unknown }): Promise<void> => {
    const item = payload as Item;
    const first = !seen.has(item.id);
    seen.add(item.id);
    if (item.kind === 'forbidden') throw new MessagingError('EVENT_FORBIDDEN', 'Rejected.');
    if (item.kind === 'bug') throw new TypeError('A bug.');
    if (item.kind === 'outage' && first) throw new Unavailable('STORE_UNAVAILABLE', 'The database is down.');
    if (item.kind === 'hiccup' && first) throw new Error('Once.');
    effects.push(item);
    return Promise.resolve();
  };
};

const consumeAll = async (items: readonly Item[]) => {
  const backoff = () => ({ next: () => ({ retryInMs: 0 }), reset: () => undefined });
  const bus = makeMemoryBus({ partitions: 2, backoff });
  const publisher = bus.makePublisher();
  const { telemetry } = makeTelemetryRecorder<ConsumerTelemetry>();
  const effects: Item[] = [];
  const deadLetters: number[] = [];
  const publishDeadLetter = makePublishDeadLetter({
    publisher,
    consumer: 'worker',
    telemetry,
    currentTraceparent: () => undefined,
  });
  const handle = makeConsume({
    decode: decodeJson,
    handlers: { OrderPlaced: makeHandler(effects) },
    deadLetter: publishDeadLetter,
    attempts: 2,
    backoff,
    telemetry,
    continueTrace: (_work, run) => run(),
  });
  const [worker, reader] = [bus.makeSubscriber('worker'), bus.makeSubscriber('reader')];
  await worker.start({ topics: [TOPIC], handle });
  await reader.start({
    topics: [`${TOPIC}.dlq`],
    handle: ({ headers }) => {
      deadLetters.push(Number(headerText(headers, 'event-id')));
      return Promise.resolve();
    },
  });
  for (const item of items) {
    const json = JSON.stringify({ type: 'OrderPlaced', ...item });
    const value = Buffer.from(item.kind === 'unreadable' ? 'not json' : json);
    await publisher.publish(TOPIC, [textMessage({ key: item.key, value, headers: { 'event-id': String(item.id) } })]);
  }
  await eventually(
    () => {
      if (effects.length + deadLetters.length < items.length) throw new Error('not all messages are handled');
    },
    { everyMs: 1 },
  );
  await Promise.all([worker.close(), reader.close()]);
  return { effects, deadLetters };
};

const idsOf = (items: readonly Item[]): number[] => items.map(({ id }) => id);
const same = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

describe('any sequence of good and poison messages', () => {
  it('handles every good message once and in order per key, and makes dead letters of exactly the poison messages', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, async (drawn) => {
        const items = drawn.map((item, id) => ({ ...item, id }));
        const [poison, good] = [true, false].map((is) => items.filter((item) => POISON.includes(item.kind) === is));

        const { effects, deadLetters } = await consumeAll(items);

        const inOrder = ['a', 'b', 'c', 'd'].every((key) => {
          const ofKey = (list: readonly Item[] = []): number[] => idsOf(list.filter((item) => item.key === key));
          return same(ofKey(effects), ofKey(good));
        });
        return (
          inOrder &&
          effects.length === good?.length &&
          same(
            deadLetters.toSorted((a, b) => a - b),
            idsOf(poison ?? []),
          )
        );
      }),
      { numRuns: 60 },
    );
  });
});
