import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, describe, expect, it } from 'vitest';

import type { IncomingMessage, Subscriber } from '../../../src/messaging/subscriber.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import {
  CLIENTS,
  connectionTo,
  describeGroup,
  kafkaBrokers,
  messageOf,
  publishAll,
  textOf,
  upstreamBroker,
  type MakeSubscriber,
} from './arrange.ts';
import { makeBrokerProxy, strike, type BrokerProxy } from './broker-proxy.ts';
import { makeRecordedHandler } from './recorded-handler.ts';
import { keyText } from '../../support/text-message.ts';

const topics = makeTestTopics(kafkaBrokers);
const opened: { close(): Promise<void> }[] = [];
const crashes: unknown[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((it) => it.close()));
  expect(crashes).toEqual([]);
});
afterAll(topics.drop);

const keep = <T extends { close(): Promise<void> }>(it: T): T => {
  opened.push(it);
  return it;
};
const keepProxy = async (): Promise<BrokerProxy> => keep(await makeBrokerProxy(upstreamBroker()));

const range = (count: number): number[] => [...Array(count).keys()];
const SESSION_TIMEOUT_MS = 6000; // the minimum that a broker accepts
const JOIN_TIMEOUT_MS = 3000;

const subscriberOf = (makeSubscriber: MakeSubscriber, group: string, brokers?: readonly string[]): Subscriber =>
  keep(
    makeSubscriber({
      ...connectionTo(brokers),
      group,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      joinTimeoutMs: JOIN_TIMEOUT_MS,
      onCrash: (error) => crashes.push(error),
    }),
  );

/** By key, the texts in the order in which they were first handled. */
const firstHandled = (messages: readonly IncomingMessage[]): Map<string, string[]> =>
  new Map([...Map.groupBy(messages, keyText)].map(([key, some]) => [key, [...new Set(some.map(textOf))]]));

/** Members join and leave while messages are published. Returns the messages that they handled, in order. */
const churn = async (leaving: MakeSubscriber, joining: MakeSubscriber): Promise<IncomingMessage[]> => {
  const [topic, group] = [await topics.create('test', { partitions: 4 }), `group-${randomUUID()}`];
  const [handler, busy] = [makeRecordedHandler(), new Set<Subscriber>()];
  const join = async (makeSubscriber: MakeSubscriber): Promise<Subscriber> => {
    const member = subscriberOf(makeSubscriber, group);
    const handle = (message: IncomingMessage): Promise<void> => {
      busy.add(member);
      return handler.handle(message);
    };
    await member.start({ topics: [topic], handle });
    return member;
  };
  let written = 0;
  const write = async (count: number): Promise<string[]> => {
    const texts = range(count).map((number) => `${written + number + 1}`);
    written += count;
    await publishAll(
      topic,
      texts.map((text) => messageOf(`key-${Number(text) % 40}`, text)),
    );
    return texts;
  };

  const first = await join(leaving);
  await write(400);
  const joined = join(joining);
  await write(400);
  await joined;
  await eventually(
    async () => {
      await write(40);
      expect(busy.size).toBe(2);
    },
    { deadlineMs: 15_000, everyMs: 100 },
  );
  const left = first.close();
  await write(400);
  await left;
  await handler.hasHandled(range(written).map((number) => `${number + 1}`));
  return handler.handled;
};

const expectOrder = (handled: readonly IncomingMessage[]): void => {
  for (const [, texts] of firstHandled(handled)) {
    const numbers = texts.map(Number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  }
};

describe.each(CLIENTS)('a member on $client', ({ makeSubscriber }) => {
  it('shares the partitions with members that join and leave: no message is lost, each key keeps its order', async () => {
    expectOrder(await churn(makeSubscriber, makeSubscriber));
  });

  it('rejects joining in time when the port is closed', async () => {
    const begin = performance.now();
    const subscriber = subscriberOf(makeSubscriber, 'any', [`127.0.0.1:${await freePort()}`]);
    const started = subscriber.start({ topics: ['any'], handle: () => Promise.resolve() });
    await expect(started).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(performance.now() - begin).toBeLessThan(JOIN_TIMEOUT_MS + 1500);
  });

  it('joins when the broker is available in time', async () => {
    const [topic, proxy, handler] = [await topics.create('test'), await keepProxy(), makeRecordedHandler()];
    proxy.down();
    const group = `group-${randomUUID()}`;
    const started = subscriberOf(makeSubscriber, group, proxy.brokers).start({
      topics: [topic],
      handle: handler.handle,
    });
    await publishAll(topic, [messageOf('one', 'text')]);
    proxy.up();
    await started;
    await handler.hasHandled(['text']);
  });

  it.each(['down', 'hang'] as const)('continues where it was when the broker is back (%s)', async (fault) => {
    const [topic, proxy, handler] = [await topics.create('test'), await keepProxy(), makeRecordedHandler()];
    const group = `group-${randomUUID()}`;
    await publishAll(topic, [messageOf('one', 'before')]);
    await subscriberOf(makeSubscriber, group, proxy.brokers).start({ topics: [topic], handle: handler.handle });
    await handler.hasHandled(['before']);
    strike(proxy, fault);
    await publishAll(topic, [messageOf('one', 'meanwhile')]);
    // long enough for requests to fail, and for the broker to remove the member
    await eventually(
      async () => {
        const { groups } = await describeGroup(group);
        expect(groups[0]?.members).toEqual([]);
      },
      { deadlineMs: 15_000, everyMs: 250 },
    );
    proxy.up();
    await handler.hasHandled(['meanwhile']);
    await publishAll(topic, [messageOf('one', 'after')]);
    await handler.hasHandled(['after']);
    expect([...firstHandled(handler.handled).values()]).toEqual([['before', 'meanwhile', 'after']]);
  });

  it.each(['down', 'hang'] as const)('closes within five seconds although the broker is down (%s)', async (fault) => {
    const [topic, proxy, handler] = [await topics.create('test'), await keepProxy(), makeRecordedHandler()];
    await publishAll(topic, [messageOf('one', 'stuck')]);
    handler.hold('stuck');
    const subscriber = subscriberOf(makeSubscriber, `group-${randomUUID()}`, proxy.brokers);
    await subscriber.start({ topics: [topic], handle: handler.handle });
    await handler.hasBegun('stuck');
    strike(proxy, fault);
    const begin = performance.now();
    await subscriber.close();
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

describe('members on different clients', () => {
  it('share one group', async () => {
    const [one, other] = CLIENTS;
    expectOrder(await churn(one.makeSubscriber, other.makeSubscriber));
    expectOrder(await churn(other.makeSubscriber, one.makeSubscriber));
  });
});
