import { randomUUID } from 'node:crypto';
import { env } from 'node:process';

import { Kafka, logLevel } from 'kafkajs';
import { afterAll, describe, expect, inject, it } from 'vitest';

import { javaVersion } from '../../support/native/java-program.ts';
import { startNativeKafka, type NativeKafka } from '../../support/native/kafka.ts';
import { startNativeRegistry } from '../../support/native/registry.ts';
import { freePort } from '../../support/free-port.ts';
import { makeTcpProxy } from '../../support/tcp-proxy.ts';
import { makeTestTopics } from '../../support/test-topics.ts';

const WITH_FETCHING_MS = 300_000;

const reason = await javaVersion().then(
  () => undefined,
  (error: unknown) => String(error),
);
const noJava = reason !== undefined && env.CI !== 'true';
if (noJava) process.stdout.write(`SKIPPED: tests with their own servers: ${reason}\n`);

const clientOf = (brokers: readonly string[], retries = 5): Kafka =>
  new Kafka({ clientId: 'test', brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries } });

const send = async (brokers: readonly string[], topic: string, text: string, retries = 5): Promise<void> => {
  const producer = clientOf(brokers, retries).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  await producer.send({ topic, messages: [{ value: text }] }).finally(() => producer.disconnect());
};

/** The text of the first message. */
const receive = async (brokers: readonly string[], topic: string): Promise<string | undefined> => {
  const consumer = clientOf(brokers).consumer({ groupId: randomUUID(), maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const first = new Promise<string | undefined>((resolve) => {
    void consumer.run({
      // eslint-disable-next-line @typescript-eslint/require-await -- the signature asks for a promise
      eachMessage: async ({ message }) => {
        resolve(message.value?.toString());
      },
    });
  });
  return first.finally(() => consumer.disconnect());
};

const SCHEMA = '{"type":"string"}';

const register = async (url: string, subject: string): Promise<unknown> => {
  const body = JSON.stringify({ schema: SCHEMA });
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
  await fetch(`${url}/subjects/${subject}/versions`, { method: 'POST', headers, body });
  return read(url, subject);
};

const read = async (url: string, subject: string): Promise<unknown> =>
  (await fetch(`${url}/subjects/${subject}/versions/latest`)).json();

describe('the servers of the test run', () => {
  const topics = makeTestTopics();
  afterAll(topics.drop);

  it('include a Kafka that delivers a published message', async () => {
    const { brokers } = inject('kafka');
    const topic = await topics.create('servers', { partitions: 3 });
    await send(brokers, topic, 'hello');
    expect(await receive(brokers, topic)).toBe('hello');
  });

  it('include a Kafka that does not create topics automatically', async () => {
    const { brokers } = inject('kafka');
    await expect(send(brokers, `absent-${randomUUID()}`, 'hello', 0)).rejects.toThrow(
      'does not host this topic-partition',
    );
  });

  it('include a registry that stores schemas', async () => {
    const subject = `servers-${randomUUID()}`;
    expect(await register(inject('registry').url, subject)).toMatchObject({ subject, version: 1, schema: SCHEMA });
  });
});

describe.skipIf(noJava)('a separate Kafka', () => {
  const ends = {
    kill: (kafka: NativeKafka) => kafka.kill(),
    'clean stop': (kafka: NativeKafka) => kafka.stop(),
  };

  it.each(Object.entries(ends))(
    'keeps its messages across a restart after a %s',
    async (_name, end) => {
      const kafka = await startNativeKafka();
      try {
        const topic = await makeTestTopics(kafka.brokers).create('kept');
        await send(kafka.brokers, topic, 'still here');
        await end(kafka);
        await expect(send(kafka.brokers, topic, 'to nobody', 0)).rejects.toThrow('ECONNREFUSED');
        await kafka.restart();
        expect(await receive(kafka.brokers, topic)).toBe('still here');
      } finally {
        await kafka.close();
      }
    },
    WITH_FETCHING_MS,
  );

  it(
    'advertises the address of its proxy',
    async () => {
      const port = await freePort();
      const proxy = await makeTcpProxy({ host: '127.0.0.1', port });
      const kafka = await startNativeKafka({ port, advertisedPort: proxy.port });
      try {
        const topic = await makeTestTopics(kafka.brokers).create('proxied');
        await send([`127.0.0.1:${port}`], topic, 'through');
        proxy.down();
        await expect(send([`127.0.0.1:${port}`], topic, 'to nobody', 0)).rejects.toThrow('ECONNRESET');
      } finally {
        await Promise.all([kafka.close(), proxy.close()]);
      }
    },
    WITH_FETCHING_MS,
  );
});

describe.skipIf(noJava)('a separate registry', () => {
  it(
    'keeps its schemas across a restart after a kill',
    async () => {
      const registry = await startNativeRegistry();
      try {
        const before = await register(registry.url, 'kept');
        await registry.kill();
        await registry.restart();
        expect(await read(registry.url, 'kept')).toEqual(before);
      } finally {
        await registry.close();
      }
    },
    WITH_FETCHING_MS,
  );
});
