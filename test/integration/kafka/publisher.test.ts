import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, describe, expect, it } from 'vitest';

import type { OutgoingMessage, Publisher } from '../../../src/messaging/publisher.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import {
  CLIENTS,
  connectionTo,
  createTopic,
  kafkaBrokers,
  messageOf,
  producersOf,
  readAll,
  textOf,
  textsByKey,
  upstreamBroker,
} from './arrange.ts';
import { makeBrokerProxy, strike, type BrokerProxy } from './broker-proxy.ts';
import { keyText, textMessage, textsOf } from '../../support/text-message.ts';

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
const keepProxy = async (): Promise<BrokerProxy> => keep(await makeBrokerProxy(upstreamBroker()));

const range = (count: number): number[] => [...Array(count).keys()];
const SEND_TIMEOUT_MS = 1500;
const A_LITTLE_MS = 300;

/** The error code and the duration of a failed call. */
const failure = async (publisher: Publisher, topic: string, messages: OutgoingMessage[]) => {
  const begin = performance.now();
  const code: unknown = await publisher.publish(topic, messages).then(
    () => 'none',
    (error: unknown) => (error as { code: unknown }).code,
  );
  return { code, tookMs: performance.now() - begin };
};

const ALL_IN_SYNC_REPLICAS = -1;
const PRODUCE = 0;
const isProduce = (request: Buffer): boolean => request.readInt16BE(4) === PRODUCE;
/** After length, API key, version, correlation id and client id come two bytes for a null transactional id in every version. */
const acksOf = (request: Buffer): number => request.readInt16BE(14 + request.readInt16BE(12) + 2);

describe.each(CLIENTS)('a publisher on $client', ({ makePublisher }) => {
  const publisherTo = (brokers?: readonly string[], sendTimeoutMs = SEND_TIMEOUT_MS): Publisher =>
    keep(makePublisher({ ...connectionTo(brokers), sendTimeoutMs }));

  it('keeps the order of each key, across messages, calls and partitions', async () => {
    const topic = await topics.create('test', { partitions: 4 });
    const publisher = publisherTo();
    const sent = range(300).map((number) => messageOf(`key-${number % 20}`, `${number}`));
    for (const from of [0, 100, 200]) await publisher.publish(topic, sent.slice(from, from + 100));
    const expected = Map.groupBy(sent, keyText);
    const found = textsByKey(await readAll(topic));
    for (const [key, messages] of expected)
      expect(found).toHaveProperty(
        key,
        messages.map(({ value }) => String(value)),
      );
  });

  it('publishes every message of concurrent calls, in the order of the calls', async () => {
    const topic = await topics.create('test');
    const publisher = publisherTo();
    await Promise.all(range(20).map((number) => publisher.publish(topic, [messageOf('one', `${number}`)])));
    expect((await readAll(topic)).map(textOf)).toEqual(range(20).map(String));
  });

  it('keeps key, value and headers unchanged', async () => {
    const topic = await topics.create('test');
    const value = Buffer.from([0, 0, 0, 0, 7, 255, 128]);
    const headers = { 'event-id': '1', traceparent: '00-ab-cd-01', name: 'Ünïcode 😀', empty: '' };
    await publisherTo().publish(topic, [textMessage({ key: 'schlüssel', value, headers }), textMessage({ value })]);
    const [first, second] = await readAll(topic);
    expect(first && textsOf(first)).toMatchObject({
      ...{ key: 'schlüssel', value, headers },
      ...{ offset: '0', partition: 0, topic },
    });
    expect(second).toMatchObject({ key: null, headers: [] });
    expect(Math.abs(Date.now() - Number(first?.timestamp))).toBeLessThan(60_000);
  });

  it('is an idempotent producer', async () => {
    const topic = await topics.create('test');
    await publisherTo().publish(topic, [messageOf('one', 'text')]);
    const producers = await producersOf(topic);
    expect(producers).toHaveLength(1);
    expect(producers[0]).toBeGreaterThanOrEqual(0n);
  });

  it('requests the acknowledgement of all in-sync replicas', async () => {
    const topic = await topics.create('test');
    const requests: Buffer[] = [];
    const proxy = keep(await makeBrokerProxy(upstreamBroker(), (bytes) => requests.push(bytes)));
    await publisherTo(proxy.brokers).publish(topic, [messageOf('one', 'text')]);
    expect(requests.filter(isProduce).map(acksOf)).toEqual([ALL_IN_SYNC_REPLICAS]);
  });

  it('splits messages that exceed the batch size, in order', async () => {
    const topic = await topics.create('test');
    const publisher = publisherTo(undefined, 10_000);
    const text = (number: number): string => `${number}`.padEnd(10_000, '.');
    await publisher.publish(
      topic,
      range(300).map((number) => messageOf('one', text(number))),
    );
    expect((await readAll(topic)).map((message) => Number.parseInt(textOf(message)))).toEqual(range(300));
  });

  it('rejects a message that is too large at once, and continues with the next', async () => {
    const topic = await topics.create('test');
    const publisher = publisherTo(undefined, 10_000);
    await publisher.publish(topic, [messageOf('one', 'before')]);
    const tooLarge = messageOf('one', 'x'.repeat(1_100_000));
    const { code, tookMs } = await failure(publisher, topic, [tooLarge]);
    expect(code).toBe('MESSAGE_REFUSED');
    expect(tookMs).toBeLessThan(1000);
    await publisher.publish(topic, [messageOf('one', 'after')]);
    expect((await readAll(topic)).map(textOf)).toEqual(['before', 'after']);
  });

  it('treats a missing topic like an unavailable broker, and publishes to others meanwhile', async () => {
    const [missing, present] = [`missing-${randomUUID()}`, await topics.create('test')];
    const publisher = publisherTo();
    const failing = failure(publisher, missing, [messageOf('one', 'early')]);
    const begin = performance.now();
    await publisher.publish(present, [messageOf('one', 'text')]);
    expect(performance.now() - begin).toBeLessThan(1000);
    expect((await failing).code).toBe('BROKER_UNAVAILABLE');
    keep(await createTopic(missing));
    await eventually(() => publisher.publish(missing, [messageOf('one', 'late')]));
    expect((await readAll(missing)).map(textOf)).toEqual(['late']);
  });

  it('rejects in time when the port is closed', async () => {
    const publisher = publisherTo([`127.0.0.1:${await freePort()}`]);
    const { code, tookMs } = await failure(publisher, 'any', [messageOf('one', 'text')]);
    expect(code).toBe('BROKER_UNAVAILABLE');
    expect(tookMs).toBeLessThan(SEND_TIMEOUT_MS + A_LITTLE_MS);
  });

  it.each(['hang', 'down', 'muteResponses'] as const)(
    'rejects in time when the broker is down (%s), never publishes the message later, and works when the broker is back',
    async (fault) => {
      const topic = await topics.create('test');
      const proxy = await keepProxy();
      const publisher = publisherTo(proxy.brokers);
      await publisher.publish(topic, [messageOf('one', 'before')]);
      strike(proxy, fault);
      const { code, tookMs } = await failure(publisher, topic, [messageOf('one', 'failed')]);
      expect(code).toBe('BROKER_UNAVAILABLE');
      expect(tookMs).toBeLessThan(SEND_TIMEOUT_MS + A_LITTLE_MS);
      const writtenAlready = (await readAll(topic)).slice(1).map(textOf);
      proxy.up();
      await eventually(() => publisher.publish(topic, [messageOf('one', 'again')]));
      await publisher.publish(topic, [messageOf('one', 'after')]);
      // a message whose acknowledgement was lost is written; the broker must not treat the next one as its duplicate
      expect((await readAll(topic)).map(textOf)).toEqual(['before', ...writtenAlready, 'again', 'after']);
    },
  );

  it('closes within five seconds although the broker is down, and publishes nothing after that', async () => {
    const topic = await topics.create('test');
    const proxy = await keepProxy();
    const publisher = publisherTo(proxy.brokers, 20_000);
    await publisher.publish(topic, [messageOf('one', 'text')]);
    proxy.hang();
    const pending = failure(publisher, topic, [messageOf('one', 'lost')]);
    const begin = performance.now();
    await publisher.close();
    expect(performance.now() - begin).toBeLessThan(5000);
    expect((await failure(publisher, topic, [messageOf('one', 'late')])).code).toBe('BROKER_UNAVAILABLE');
    expect((await pending).code).toBe('BROKER_UNAVAILABLE');
  });
});

describe('publishers on different clients', () => {
  it('assign a key to the same partition as the Java client', async () => {
    const keys = ['21', 'foobar', 'a-little-bit-long-string', ...range(100).map((number) => `key-${number}`)];
    const chosen: Map<string, number>[] = [];
    for (const { makePublisher } of CLIENTS) {
      const topic = await topics.create('test', { partitions: 7 });
      const publisher = keep(makePublisher({ ...connectionTo(), sendTimeoutMs: 5000 }));
      await publisher.publish(
        topic,
        keys.map((key) => messageOf(key, key)),
      );
      chosen.push(new Map((await readAll(topic)).map((message) => [keyText(message), message.partition])));
    }
    expect(chosen[1]).toEqual(chosen[0]);
    // hashes from org.apache.kafka.common.utils.UtilsTest; toPositive removes the sign
    expect(chosen[0]?.get('21')).toBe((-973932308 & 0x7fffffff) % 7);
    expect(chosen[0]?.get('foobar')).toBe((-790332482 & 0x7fffffff) % 7);
  });
});
