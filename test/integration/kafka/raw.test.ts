// What other producers write: both clients deliver and publish it byte for byte, and nothing of it ends a consumer.

import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, describe, expect, it } from 'vitest';

import type { IncomingMessage } from '../../../src/messaging/subscriber.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import { CLIENTS, connectionTo, kafkaBrokers } from './arrange.ts';
import { ANY_TIME, RAW_MESSAGES, writeRaw, type Compression, type RawMessage } from './raw-messages.ts';

const topics = makeTestTopics(kafkaBrokers);
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((it) => it.close()));
});
afterAll(topics.drop);

const keep = <T extends { close(): Promise<void> }>(it: T): T => {
  opened.push(it);
  return it;
};

const rawOf = ({ key, value, headers, timestamp }: IncomingMessage): RawMessage => ({ key, value, headers, timestamp });
const withoutTime = ({ key, value, headers }: RawMessage) => ({ key, value, headers });
const written = Object.values(RAW_MESSAGES);
const aTopic = (): Promise<string> => topics.create('raw', { settings: ANY_TIME });

describe.each(CLIENTS)('raw messages on $client', ({ makePublisher, makeSubscriber }) => {
  /** The first `count` messages of the topic; fails when the subscriber crashes. */
  const read = async (topic: string, count: number): Promise<RawMessage[]> => {
    const found: IncomingMessage[] = [];
    const crashes: unknown[] = [];
    const subscriber = keep(
      makeSubscriber({ ...connectionTo(), group: `group-${randomUUID()}`, onCrash: (error) => crashes.push(error) }),
    );
    const handle = (message: IncomingMessage): Promise<void> => {
      found.push(message);
      return Promise.resolve();
    };
    await subscriber.start({ topics: [topic], handle });
    await eventually(
      () => {
        expect(crashes).toEqual([]);
        expect(found.length).toBeGreaterThanOrEqual(count);
      },
      { deadlineMs: 15_000 },
    );
    return found.map(rawOf);
  };

  it('delivers every one of them, in order', async () => {
    const topic = await aTopic();
    await writeRaw(kafkaBrokers, topic, written);
    const found = await read(topic, written.length);
    const byName = Object.fromEntries(Object.keys(RAW_MESSAGES).map((name, n) => [name, found.at(n)]));
    expect(byName).toEqual(RAW_MESSAGES);
  });

  it('publishes every one of them unchanged', async () => {
    const topic = await aTopic();
    const publisher = keep(makePublisher({ ...connectionTo(), sendTimeoutMs: 10_000 }));
    await publisher.publish(topic, written.map(withoutTime));
    expect((await read(topic, written.length)).map(withoutTime)).toEqual(written.map(withoutTime));
  });

  it.each<Compression>(['gzip', 'snappy', 'lz4', 'zstd'])(
    'delivers batches compressed with %s',
    async (compression) => {
      const topic = await aTopic();
      await writeRaw(kafkaBrokers, topic, written, compression);
      expect(await read(topic, written.length)).toEqual(written);
    },
  );

  it('delivers the time of the broker when the topic has that', async () => {
    const topic = await topics.create('raw', { settings: { 'message.timestamp.type': 'LogAppendTime' } });
    await writeRaw(kafkaBrokers, topic, [{ key: null, value: null, headers: [], timestamp: 5n }]);
    const [message] = await read(topic, 1);
    expect(Math.abs(Date.now() - Number(message?.timestamp))).toBeLessThan(60_000);
  });
});
