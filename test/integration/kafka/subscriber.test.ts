import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, describe, expect, it } from 'vitest';

import type { Subscriber } from '../../../src/messaging/subscriber.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import { CLIENTS, connectionTo, kafkaBrokers, keyOfPartition, messageOf, publishAll, textOf } from './arrange.ts';
import { commitBeforeEffect } from './fixtures/commits-before-effect.ts';
import { makeRecordedHandler } from './recorded-handler.ts';
import { keyText, textMessage, textsOf } from '../../support/text-message.ts';

const topics = makeTestTopics(kafkaBrokers);
const opened: Subscriber[] = [];
const crashes: unknown[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((it) => it.close()));
  expect(crashes).toEqual([]);
});
afterAll(topics.drop);

const range = (count: number): number[] => [...Array(count).keys()];

describe.each(CLIENTS)('a subscriber on $client', ({ makeSubscriber }) => {
  const subscriberOf = (group: string): Subscriber => {
    const subscriber = makeSubscriber({ ...connectionTo(), group, onCrash: (error) => crashes.push(error) });
    opened.push(subscriber);
    return subscriber;
  };
  /** A topic with two partitions, a key for each, and a new group. */
  const arrange = async () => {
    const topic = await topics.create('test', { partitions: 2 });
    return { topic, group: `group-${randomUUID()}`, left: keyOfPartition(0, 2), right: keyOfPartition(1, 2) };
  };
  const waiting = async (subscriber: Subscriber): Promise<number> =>
    (await subscriber.lag()).reduce((sum, { messages }) => sum + messages, 0);

  it('reads messages that were published before the group existed, unchanged', async () => {
    const { topic, group, left } = await arrange();
    await publishAll(topic, [
      textMessage({ key: left, value: Buffer.from([0, 255]), headers: { 'event-id': '1', name: 'Ünïcode' } }),
      textMessage({ value: 'keyless' }),
    ]);
    const { handle, handled, hasHandled } = makeRecordedHandler();
    await subscriberOf(group).start({ topics: [topic], handle });
    await hasHandled(['keyless']);
    await eventually(() => {
      expect(handled).toHaveLength(2);
    });
    const headers = { 'event-id': '1', name: 'Ünïcode' };
    const first = { topic, partition: 0, offset: '0', key: left, value: Buffer.from([0, 255]), headers };
    expect(handled.map(textsOf).find(({ key }) => key === left)).toMatchObject(first);
    expect(Number(handled.find(({ key }) => key === null)?.timestamp)).toBeGreaterThan(Date.now() - 60_000);
  });

  it('handles one message of a partition at a time, in order', async () => {
    const { topic, group, left, right } = await arrange();
    const texts = range(500).map(String);
    await publishAll(
      topic,
      texts.map((text, number) => messageOf(number % 3 === 0 ? left : right, text)),
    );
    const { handle, handled, hasHandled, mostAtOnce } = makeRecordedHandler();
    await subscriberOf(group).start({ topics: [topic], handle });
    await hasHandled(texts);
    for (const [, messages] of Map.groupBy(handled, ({ partition }) => partition)) {
      const offsets = messages.map(({ offset }) => Number(offset));
      expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    }
    expect(mostAtOnce()).toBe(1);
  });

  it('continues with other partitions while a handler is slow, however many messages wait behind it', async () => {
    const { topic, group, left, right } = await arrange();
    const behind = range(3000).map((number) => `behind ${number}`);
    const handler = makeRecordedHandler();
    const release = handler.hold('slow');
    await publishAll(topic, [messageOf(left, 'slow'), ...behind.map((text) => messageOf(left, text))]);
    await subscriberOf(group).start({ topics: [topic], handle: handler.handle });
    await handler.hasBegun('slow');
    for (const text of ['other 1', 'other 2']) {
      await publishAll(topic, [messageOf(right, text)]);
      await handler.hasHandled([text]);
    }
    expect(handler.handled.map(textOf)).toEqual(['other 1', 'other 2']);
    release();
    await handler.hasHandled(behind);
    expect(handler.handled.slice(2).map(textOf)).toEqual(['slow', ...behind]);
  });

  it('retries a message that was not handled with growing delays, before the messages behind it', async () => {
    const { topic, group, left, right } = await arrange();
    const handler = makeRecordedHandler();
    handler.reject('rejected', 4);
    await publishAll(topic, [messageOf(left, 'rejected'), messageOf(left, 'next'), messageOf(right, 'other')]);
    const begin = performance.now();
    await subscriberOf(group).start({ topics: [topic], handle: handler.handle });
    await handler.hasHandled(['rejected', 'next', 'other']);
    expect(handler.begun.filter((message) => keyText(message) === left).map(textOf)).toEqual([
      ...Array<string>(5).fill('rejected'),
      'next',
    ]);
    expect(handler.handled.map(textOf)).toEqual(['other', 'rejected', 'next']);
    expect(performance.now() - begin).toBeGreaterThan(50 + 100 + 200 + 400);
  });

  it('commits a message only when it is handled, and reports the lag', async () => {
    const { topic, group, left } = await arrange();
    const handler = makeRecordedHandler();
    const release = handler.hold('second');
    await publishAll(
      topic,
      ['first', 'second', 'third'].map((text) => messageOf(left, text)),
    );
    const subscriber = subscriberOf(group);
    await subscriber.start({ topics: [topic], handle: handler.handle });
    await handler.hasBegun('second');
    await eventually(async () => {
      expect(await subscriber.lag()).toEqual([
        { topic, partition: 0, messages: 2 },
        { topic, partition: 1, messages: 0 },
      ]);
    });
    release();
    await eventually(async () => {
      expect(await waiting(subscriber)).toBe(0);
    });
  });

  /** The messages after a restart that interrupted a handler. */
  const handledAfterRestart = async (prepare: (subscriber: Subscriber) => Subscriber): Promise<string[]> => {
    const { topic, group, left } = await arrange();
    await publishAll(
      topic,
      ['first', 'interrupted', 'third'].map((text) => messageOf(left, text)),
    );
    const before = makeRecordedHandler();
    before.hold('interrupted'); // for ever
    const interrupted = prepare(subscriberOf(group));
    await interrupted.start({ topics: [topic], handle: before.handle });
    await before.hasBegun('interrupted');
    await eventually(async () => {
      expect(await waiting(interrupted)).toBeLessThan(3);
    });
    await interrupted.close();

    await publishAll(topic, [messageOf(left, 'last')]);
    const after = makeRecordedHandler();
    await subscriberOf(group).start({ topics: [topic], handle: after.handle });
    await after.hasHandled(['last']);
    return after.handled.map(textOf);
  };

  it('handles a message again whose handler was interrupted', async () => {
    expect(await handledAfterRestart((subscriber) => subscriber)).toEqual(['interrupted', 'third', 'last']);
  });

  it('finds the violation of a commit before the effect: it loses the message', async () => {
    expect(await handledAfterRestart(commitBeforeEffect)).not.toContain('interrupted');
  });

  it('waits for the running handler on close, and commits its message', async () => {
    const { topic, group, left } = await arrange();
    const handler = makeRecordedHandler();
    const release = handler.hold('running');
    await publishAll(
      topic,
      ['running', 'unhandled'].map((text) => messageOf(left, text)),
    );
    const subscriber = subscriberOf(group);
    await subscriber.start({ topics: [topic], handle: handler.handle });
    await handler.hasBegun('running');
    const closed = subscriber.close();
    release();
    await closed;
    expect(handler.handled.map(textOf)).toEqual(['running']);
    const [{ next } = { next: '' }] = await subscriberOf(group).positions(topic);
    expect(next).toBe('1');
  });

  it('does not change the position of the group with commits: false', async () => {
    const { topic, group, left } = await arrange();
    await publishAll(topic, [messageOf(left, 'text')]);
    const handler = makeRecordedHandler();
    const subscriber = subscriberOf(group);
    await subscriber.start({ topics: [topic], handle: handler.handle, commits: false });
    await handler.hasHandled(['text']);
    await subscriber.close();
    expect(await subscriberOf(group).positions(topic)).toEqual([
      { partition: 0, next: '0', end: '1' },
      { partition: 1, next: '0', end: '0' },
    ]);
  });

  it('has no positions in a missing topic', async () => {
    expect(await subscriberOf('any').positions(`missing-${randomUUID()}`)).toEqual([]);
  });
});
