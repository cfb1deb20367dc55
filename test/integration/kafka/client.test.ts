import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { makeKafkaClient, type KafkaClient, type KafkaSettings } from '../../../src/kafka/kafka-client.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import { CLIENTS, connectionTo, kafkaBrokers, makeLogRecorder, messageOf, upstreamBroker } from './arrange.ts';
import { makeBrokerProxy, strike, type BrokerProxy } from './broker-proxy.ts';
import { makeRecordedHandler } from './recorded-handler.ts';

const topics = makeTestTopics(kafkaBrokers);
const opened: { close(): Promise<void> }[] = [];
const warnings: string[] = [];
process.on('warning', ({ name }) => warnings.push(name));

afterEach(async () => {
  await Promise.all(opened.splice(0).map((it) => it.close()));
});
afterAll(topics.drop);

const keep = <T extends { close(): Promise<void> }>(it: T): T => {
  opened.push(it);
  return it;
};

const CONNECT_TIMEOUT_MS = 1000;
const A_LITTLE_MS = 300;

describe.each(CLIENTS)('a client on $client', ({ client: library }) => {
  const { lines, logger } = makeLogRecorder();
  const clientTo = async (brokers: readonly string[] = kafkaBrokers): Promise<KafkaClient> => {
    const settings: KafkaSettings = { ...connectionTo(brokers, logger), client: library, sendTimeoutMs: 5000 };
    return keep(await makeKafkaClient(settings));
  };
  const checkFailsAfter = async ({ check }: KafkaClient): Promise<number> => {
    const begin = performance.now();
    await expect(check()).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    return performance.now() - begin;
  };

  it('publishes and subscribes, without a process warning or a log line', async () => {
    const client = await clientTo();
    await client.check();
    const topic = await topics.create('test');
    await keep(client.publisher()).publish(topic, [messageOf('one', 'text')]);
    const { handle, hasHandled } = makeRecordedHandler();
    const subscriber = keep(client.subscriber({ group: `group-${randomUUID()}`, onCrash: () => undefined }));
    await subscriber.start({ topics: [topic], handle });
    await hasHandled(['text']);
    expect([warnings, lines]).toEqual([[], []]);
  });

  it.each(['down', 'hang'] as const)(
    'checks in time that no broker responds, and that one responds again (%s)',
    async (fault) => {
      const proxy: BrokerProxy = keep(await makeBrokerProxy(upstreamBroker()));
      const client = await clientTo(proxy.brokers);
      await client.check();
      strike(proxy, fault);
      expect(await checkFailsAfter(client)).toBeLessThan(CONNECT_TIMEOUT_MS + A_LITTLE_MS);
      proxy.up();
      await eventually(client.check);
    },
  );

  it('checks in time that the port is closed', async () => {
    const client = await clientTo([`127.0.0.1:${await freePort()}`]);
    expect(await checkFailsAfter(client)).toBeLessThan(CONNECT_TIMEOUT_MS + A_LITTLE_MS);
  });
});
