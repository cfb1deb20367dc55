import { describe, expect, it } from 'vitest';

import { allRead, makeMemoryBus } from '../../../src/embedded/memory/bus.ts';
import type { IncomingMessage } from '../../../src/messaging/subscriber.ts';
import { eventually } from '../../support/eventually.ts';
import { RAW_MESSAGES } from '../../integration/kafka/raw-messages.ts';
import { keyText, textMessage, textsOf } from '../../support/text-message.ts';

const TOPIC = 'user-service.users.v1';

const makeBus = (options: { partitions?: number; retained?: number } = {}) => {
  const rejections: unknown[] = [];
  const bus = makeMemoryBus({
    ...options,
    backoff: () => ({ next: () => ({ retryInMs: 1 }), reset: () => undefined }),
    onRejected: (error) => rejections.push(error),
  });
  return { bus, publisher: bus.makePublisher(), rejections };
};

const aMessage = (key: string | undefined, text: string) =>
  textMessage({ key, value: text, headers: { 'event-id': text } });

/** A group that records its messages; `onMessage` may reject. */
const makeGroup = async (
  subscriber: ReturnType<ReturnType<typeof makeMemoryBus>['makeSubscriber']>,
  onMessage: (message: IncomingMessage) => Promise<void> = () => Promise.resolve(),
) => {
  const got: IncomingMessage[] = [];
  await subscriber.start({
    topics: [TOPIC],
    handle: async (message) => {
      await onMessage(message);
      got.push(message);
    },
  });
  return { got, texts: () => got.map(({ value }) => String(value)) };
};

describe('the in-process bus', () => {
  it('delivers a message with its key, value, headers, partition and offset', async () => {
    const { bus, publisher } = makeBus({ partitions: 1 });
    const { got } = await makeGroup(bus.makeSubscriber('worker'));

    await publisher.publish(TOPIC, [aMessage('k', 'a'), aMessage('k', 'b')]);

    await eventually(() => {
      expect(got.map(textsOf)).toMatchObject([
        { topic: TOPIC, partition: 0, offset: '0', key: 'k', value: Buffer.from('a'), headers: { 'event-id': 'a' } },
        { offset: '1', value: Buffer.from('b') },
      ]);
    });
  });

  it('delivers any bytes unchanged', async () => {
    const { bus, publisher } = makeBus({ partitions: 1 });
    const { got } = await makeGroup(bus.makeSubscriber('worker'));
    const messages = Object.values(RAW_MESSAGES).map(({ key, value, headers }) => ({ key, value, headers }));

    await publisher.publish(TOPIC, messages);

    await eventually(() => {
      expect(got.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual(messages);
    });
  });

  it('resolves allRead when all messages were read, and at its deadline', async () => {
    const { bus, publisher } = makeBus();
    const subscriber = bus.makeSubscriber('worker');
    const { texts } = await makeGroup(subscriber);
    await publisher.publish(TOPIC, [aMessage('k', 'a'), aMessage('k', 'b')]);
    await allRead(subscriber, 5000);
    expect(texts()).toEqual(['a', 'b']);

    await expect(
      allRead({ lag: () => Promise.resolve([{ topic: TOPIC, partition: 0, messages: 1 }]) }, 20),
    ).resolves.toBeUndefined();
  });

  it('delivers messages that were published before the group started', async () => {
    const { bus, publisher } = makeBus();
    await publisher.publish(TOPIC, [aMessage('k', 'early')]);

    const { texts } = await makeGroup(bus.makeSubscriber('worker'));

    await eventually(() => {
      expect(texts()).toEqual(['early']);
    });
  });

  it('keeps the messages of a key in one partition and in order', async () => {
    const { bus, publisher } = makeBus();
    const { got } = await makeGroup(bus.makeSubscriber('worker'));
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

    for (let round = 0; round < 5; round += 1)
      await publisher.publish(
        TOPIC,
        keys.map((key) => aMessage(key, `${key}${round}`)),
      );

    await eventually(() => {
      expect(got).toHaveLength(40);
    });
    for (const key of keys) {
      const ofKey = got.filter((message) => keyText(message) === key);
      expect(new Set(ofKey.map(({ partition }) => partition)).size).toBe(1);
      expect(ofKey.map(({ value }) => String(value))).toEqual([0, 1, 2, 3, 4].map((round) => `${key}${round}`));
    }
    expect(new Set(got.map(({ partition }) => partition)).size).toBeGreaterThan(1);
  });

  it('delivers a rejected message again before the next one, and reports each rejection', async () => {
    const { bus, publisher, rejections } = makeBus({ partitions: 1 });
    let failures = 3;
    const { texts } = await makeGroup(bus.makeSubscriber('worker'), () =>
      failures-- > 0 ? Promise.reject(new Error('down')) : Promise.resolve(),
    );

    await publisher.publish(TOPIC, [aMessage('k', 'first'), aMessage('k', 'second')]);

    await eventually(() => {
      expect(texts()).toEqual(['first', 'second']);
    });
    expect(rejections).toHaveLength(3);
  });

  it('continues with other partitions while one waits', async () => {
    const { bus, publisher } = makeBus({ partitions: 2 });
    const { texts } = await makeGroup(bus.makeSubscriber('worker'), ({ partition }) =>
      partition === 0 ? Promise.reject(new Error('down')) : Promise.resolve(),
    );
    const subscriber = bus.makeSubscriber('other');
    const all = await makeGroup(subscriber);

    await publisher.publish(
      TOPIC,
      ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => aMessage(key, key)),
    );

    await eventually(() => {
      const second = all.got.filter(({ partition }) => partition === 1).map(({ value }) => String(value));
      expect(all.got).toHaveLength(6);
      expect(second.length).toBeGreaterThan(0);
      expect(texts()).toEqual(second);
    });
  });

  it('delivers every message to each group', async () => {
    const { bus, publisher } = makeBus();
    const groups = await Promise.all(['one', 'two'].map((name) => makeGroup(bus.makeSubscriber(name))));

    await publisher.publish(TOPIC, [aMessage('k', 'a'), aMessage('k', 'b')]);

    await eventually(() => {
      expect(groups.map(({ texts }) => texts())).toEqual([
        ['a', 'b'],
        ['a', 'b'],
      ]);
    });
  });

  it('continues where the group stopped', async () => {
    const { bus, publisher } = makeBus({ partitions: 1 });
    const first = bus.makeSubscriber('worker');
    const { texts } = await makeGroup(first);
    await publisher.publish(TOPIC, [aMessage('k', 'a')]);
    await eventually(() => {
      expect(texts()).toEqual(['a']);
    });
    await first.close();
    await publisher.publish(TOPIC, [aMessage('k', 'b')]);

    const second = await makeGroup(bus.makeSubscriber('worker'));

    await eventually(() => {
      expect(second.texts()).toEqual(['b']);
    });
  });

  it('commits nothing with commits: false', async () => {
    const { bus, publisher } = makeBus({ partitions: 1 });
    await publisher.publish(TOPIC, [aMessage('k', 'a'), aMessage('k', 'b')]);
    const read: string[] = [];
    const reader = bus.makeSubscriber('worker');
    const handle = ({ value }: IncomingMessage): Promise<void> => {
      read.push(String(value));
      return Promise.resolve();
    };
    await reader.start({ topics: [TOPIC], commits: false, handle });
    await eventually(() => {
      expect(read).toEqual(['a', 'b']);
    });
    await reader.close();

    expect(await bus.makeSubscriber('worker').positions(TOPIC)).toEqual([{ partition: 0, next: '0', end: '2' }]);
  });

  it('counts the lag, and has no positions in an absent topic', async () => {
    const { bus, publisher } = makeBus({ partitions: 1 });
    const subscriber = bus.makeSubscriber('worker');
    await makeGroup(subscriber, ({ offset }) =>
      offset === '1' ? Promise.reject(new Error('down')) : Promise.resolve(),
    );

    await publisher.publish(TOPIC, [aMessage('k', 'a'), aMessage('k', 'b'), aMessage('k', 'c')]);

    await eventually(async () => {
      expect(await subscriber.lag()).toEqual([{ topic: TOPIC, partition: 0, messages: 2 }]);
    });
    expect(await subscriber.positions('absent')).toEqual([]);
  });

  it('drops messages that all groups have read, and no others', async () => {
    const { bus, publisher } = makeBus({ partitions: 1, retained: 2 });
    const slow = bus.makeSubscriber('slow');
    await makeGroup(slow, () => Promise.reject(new Error('down')));
    const fast = await makeGroup(bus.makeSubscriber('fast'));
    const texts = ['a', 'b', 'c', 'd', 'e', 'f'];

    for (const text of texts) await publisher.publish(TOPIC, [aMessage('k', text)]);
    await eventually(() => {
      expect(fast.texts()).toEqual(texts);
    });
    await slow.close();
    const again = await makeGroup(bus.makeSubscriber('slow'));
    await eventually(() => {
      expect(again.texts()).toEqual(texts);
    });
    await publisher.publish(TOPIC, [aMessage('k', 'g')]);

    const late = await makeGroup(bus.makeSubscriber('late'));

    await eventually(() => {
      expect(late.texts()).toEqual(['f', 'g']);
    });
  });

  it('waits for the running handler on close, and calls no other', async () => {
    const { bus, publisher } = makeBus({ partitions: 1 });
    const subscriber = bus.makeSubscriber('worker');
    const release = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const { texts } = await makeGroup(subscriber, () => {
      begun.resolve(undefined);
      return release.promise;
    });
    await publisher.publish(TOPIC, [aMessage('k', 'a'), aMessage('k', 'b')]);
    await begun.promise;

    const closed = subscriber.close();
    release.resolve(undefined);
    await closed;

    expect(texts()).toEqual(['a']);
    expect(await subscriber.positions(TOPIC)).toEqual([{ partition: 0, next: '1', end: '2' }]);
  });

  it('closes at once while it waits for messages or for the next attempt', async () => {
    const bus = makeMemoryBus({
      backoff: () => ({ next: () => ({ retryInMs: 60_000 }), reset: () => undefined }),
    });
    const subscriber = bus.makeSubscriber('worker');
    const rejected = Promise.withResolvers<undefined>();
    await makeGroup(subscriber, () => {
      rejected.resolve(undefined);
      return Promise.reject(new Error('down'));
    });
    await bus.makePublisher().publish(TOPIC, [aMessage(undefined, 'a')]);
    await rejected.promise;

    await expect(subscriber.close()).resolves.toBeUndefined();
  });

  it('rejects messages after it was closed', async () => {
    const { publisher } = makeBus();
    await publisher.close();

    await expect(publisher.publish(TOPIC, [])).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });
});
