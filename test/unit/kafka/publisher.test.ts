import { describe, expect, it } from 'vitest';

import { isPermanentRejection, splitBySize } from '../../../src/kafka/producer/broker-limits.ts';
import { makePublisher, type Producer } from '../../../src/kafka/producer/publisher.ts';
import type { OutgoingMessage } from '../../../src/messaging/publisher.ts';
import { textMessage } from '../../support/text-message.ts';

const messageOf = (text: string): OutgoingMessage => textMessage({ key: 'one', value: text });
const textsOf = (messages: readonly OutgoingMessage[]): string[] => messages.map(({ value }) => String(value));
const never = (): Promise<never> => Promise.withResolvers<never>().promise;

/** A fake client library that records what each producer sent; producers are in the order in which they were opened. */
const makeFakeLibrary = (send: (producer: number, text: string) => Promise<void> = () => Promise.resolve()) => {
  const opened: { sent: string[]; closed: boolean }[] = [];
  const open = (): Promise<Producer> => {
    const producer = { sent: [] as string[], closed: false };
    const number = opened.push(producer);
    return Promise.resolve({
      send: async (_topic, messages) => {
        for (const text of textsOf(messages)) await send(number, text);
        producer.sent.push(...textsOf(messages));
      },
      close: () => {
        producer.closed = true;
        return Promise.resolve();
      },
    });
  };
  return { opened, open };
};

describe('makePublisher', () => {
  it('sends with one producer per topic, one call after the other', async () => {
    const { opened, open } = makeFakeLibrary();
    const publisher = makePublisher({ open, sendTimeoutMs: 1000 });
    await Promise.all(['1', '2', '3'].map((text) => publisher.publish('users', [messageOf(text)])));
    await publisher.publish('orders', [messageOf('4')]);
    expect(opened.map(({ sent }) => sent)).toEqual([['1', '2', '3'], ['4']]);
  });

  it('opens a new producer after any failure', async () => {
    const { opened, open } = makeFakeLibrary((producer) =>
      producer === 1 ? Promise.reject(new Error('Closed connection')) : Promise.resolve(),
    );
    const publisher = makePublisher({ open, sendTimeoutMs: 1000 });
    await expect(publisher.publish('users', [messageOf('1')])).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await publisher.publish('users', [messageOf('1')]);
    expect(opened).toEqual([
      { sent: [], closed: true },
      { sent: ['1'], closed: false },
    ]);
  });

  it('rejects in time when a producer never settles, also the calls that wait for it', async () => {
    const { open } = makeFakeLibrary(never);
    const publisher = makePublisher({ open, sendTimeoutMs: 50 });
    const begin = performance.now();
    const calls = await Promise.allSettled(['1', '2'].map((text) => publisher.publish('users', [messageOf(text)])));
    expect(calls.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(performance.now() - begin).toBeLessThan(500);
  });

  it('rejects in time when opening never settles', async () => {
    const publisher = makePublisher({ open: never, sendTimeoutMs: 50 });
    await expect(publisher.publish('users', [messageOf('1')])).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await publisher.close();
  });
});

describe('splitBySize', () => {
  it('fills each batch up to the limit, keeps the order, and gives a message that is too large its own batch', () => {
    const texts = ['a'.repeat(100), 'b'.repeat(100), 'c'.repeat(1000), 'd', 'e'];
    const batches = splitBySize(texts.map(messageOf), 400);
    expect(batches.map(textsOf)).toEqual([texts.slice(0, 2), texts.slice(2, 3), texts.slice(3)]);
  });

  it('counts keys and headers', () => {
    const large = textMessage({ key: 'k'.repeat(150), value: 'v', headers: { name: 'h'.repeat(100) } });
    expect(splitBySize([large, large], 400)).toHaveLength(2);
  });

  it('returns no batch for no messages', () => {
    expect(splitBySize([], 400)).toEqual([]);
  });
});

describe('isPermanentRejection', () => {
  it.each([
    ['kafkajs', { type: 'MESSAGE_TOO_LARGE' }],
    ['kafkajs, wrapped', { name: 'KafkaJSNonRetriableError', cause: { type: 'INVALID_TOPIC_EXCEPTION' } }],
    ['platformatic', { code: 'PLT_KFK_MULTIPLE', errors: [{ errors: [{ apiId: 'RECORD_LIST_TOO_LARGE' }] }] }],
  ])('finds the code of %s', (_client, error) => {
    expect(isPermanentRejection(error)).toBe(true);
  });

  it.each([undefined, 'text', new Error('Closed connection'), { type: 'NOT_ENOUGH_REPLICAS' }])(
    'treats every other error as transient: %s',
    (error) => {
      expect(isPermanentRejection(error)).toBe(false);
    },
  );
});
