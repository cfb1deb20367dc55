// `migrate topics` against a Kafka with SASL/PLAIN and an authorizer that denies what no ACL allows.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { KafkaConnection } from '../../../src/kafka/connection.ts';
import { makeKafkajs } from '../../../src/kafka/kafkajs/client.ts';
import { createTopics } from '../../../src/kafka/kafkajs/create-topics.ts';
import { TOPICS } from '../../../src/messaging/topics.ts';
import { eventually } from '../../support/eventually.ts';
import { startNativeKafka, type NativeKafka } from '../../support/native/kafka.ts';
import { connectionTo } from './arrange.ts';

const MIGRATE = join(import.meta.dirname, '../../../src/bin/migrate.ts');
const PASSWORD = 'secret';
const USERS = ['admin', 'relay', 'worker'].map((user) => `user_${user}="${PASSWORD}"`).join(' ');
const SECURITY = [
  'listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'sasl.enabled.mechanisms=PLAIN',
  `listener.name.client.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required ${USERS};`,
  'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users=User:ANONYMOUS;User:admin', // the listener between brokers has no authentication
];
const GRANTS = ['relay', 'worker'].map((role) => ({ principal: `User:${role}`, role }));

let server: NativeKafka;
beforeAll(async () => {
  server = await startNativeKafka({ settings: SECURITY });
}, 120_000);
afterAll(() => server.close());

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

const migrateTopics = (settings: Record<string, string> = {}): Promise<Outcome> =>
  promisify(execFile)(process.execPath, [MIGRATE, 'topics'], {
    env: {
      ...{ DD_ENV: 'test', KAFKA_BROKERS: server.brokers.join(','), KAFKA_USERNAME: 'admin', KAFKA_PASSWORD: PASSWORD },
      ...settings,
    },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as Outcome,
  );

const connectionOf = (username: string): KafkaConnection => ({
  ...connectionTo(server.brokers),
  username,
  password: () => PASSWORD,
});

const typeOf = (error: unknown): string => {
  const { type, cause } = error as { type?: string; cause?: { type?: string } };
  return type ?? cause?.type ?? String(error);
};

/** 'yes', or the type of Kafka's error. */
const maySend = async (username: string, topic: string): Promise<string> => {
  const producer = makeKafkajs(connectionOf(username)).producer({ retry: { retries: 0 } });
  await producer.connect();
  try {
    await producer.send({ topic, messages: [{ value: 'x' }] });
    return 'yes';
  } catch (error) {
    return typeOf(error);
  } finally {
    await producer.disconnect();
  }
};

describe('migrate topics', () => {
  it('creates each topic with its partitions and retention, and changes nothing the second time', async () => {
    const first = await migrateTopics();
    const second = await migrateTopics({ KAFKA_TOPICS_REPLICATION_FACTOR: '3', KAFKA_TOPICS_MIN_INSYNC_REPLICAS: '2' });

    expect(first.code).toBe(0);
    expect(first.stdout.split('\n')).toContain(
      'created user-service.orders.v1 (partitions: 3, copies: 1, kept for 7 days)',
    );
    expect(second).toMatchObject({ code: 0, stdout: TOPICS.map(({ name }) => `already exists: ${name}\n`).join('') });
    const admin = makeKafkajs(connectionOf('admin')).admin();
    const { topics } = await admin.fetchTopicMetadata({ topics: TOPICS.map(({ name }) => name) });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: TOPICS.map(({ name }) => ({
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name,
        configNames: ['retention.ms'],
      })),
    });
    await admin.disconnect();
    const found = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.length,
      retentionMs: Number(resources.find(({ resourceName }) => resourceName === name)?.configEntries[0]?.configValue),
    }));
    expect(new Set(found)).toEqual(new Set(TOPICS));
  });

  it('gives a principal the rights of its role, and no others', async () => {
    const [orders, users] = ['user-service.orders.v1', 'user-service.users.v1'];
    expect(await maySend('relay', orders)).toBe('TOPIC_AUTHORIZATION_FAILED');

    const { code, stdout } = await migrateTopics({ KAFKA_TOPICS_ACLS: JSON.stringify(GRANTS) });

    expect([code, stdout.trim().split('\n').slice(-2)]).toEqual([
      0,
      ['User:relay has the rights of relay', 'User:worker has the rights of worker'],
    ]);
    expect(await maySend('relay', orders)).toBe('yes');
    expect(await maySend('relay', users)).toBe('yes');
    expect(await maySend('relay', `${orders}.dlq`)).toBe('TOPIC_AUTHORIZATION_FAILED');
    expect(await maySend('worker', `${orders}.dlq`)).toBe('yes');
    expect(await maySend('worker', orders)).toBe('TOPIC_AUTHORIZATION_FAILED');
  });

  it('lets the worker read orders in its group, and in no other', async () => {
    await migrateTopics({ KAFKA_TOPICS_ACLS: JSON.stringify(GRANTS) });
    const join = async (groupId: string): Promise<string> => {
      const consumer = makeKafkajs(connectionOf('worker')).consumer({ groupId, retry: { retries: 0 } });
      const joined = Promise.withResolvers<string>();
      consumer.on('consumer.group_join', () => {
        joined.resolve('joined');
      });
      consumer.on('consumer.crash', ({ payload: { error } }) => {
        joined.resolve(typeOf(error));
      });
      try {
        await consumer.connect();
        await consumer.subscribe({ topic: 'user-service.orders.v1' });
        await consumer.run({ eachMessage: () => Promise.resolve() });
        return await joined.promise;
      } finally {
        await consumer.disconnect();
      }
    };
    // the first member of the cluster waits until the broker has loaded its groups
    await eventually(async () => {
      expect(await join('user-service-worker')).toBe('joined');
    });
    expect(await join('another')).toMatch(/GROUP_AUTHORIZATION_FAILED|GroupCoordinatorNotFound/);
  });

  it('reports a topic with another number of partitions, and leaves it', async () => {
    const [topic] = TOPICS;
    const lines: string[] = [];
    await createTopics(connectionOf('admin'), {
      ...{ topics: [{ name: topic?.name ?? '', partitions: 6, retentionMs: 1 }], replicationFactor: 1 },
      ...{ minInsyncReplicas: 1, grants: [], report: (line) => lines.push(line) },
    });
    expect(lines).toEqual([`already exists: ${topic?.name} with 3 partitions instead of 6, unchanged`]);
  });

  it('says which right an account lacks', async () => {
    const { code, stderr } = await migrateTopics({
      KAFKA_USERNAME: 'relay',
      KAFKA_TOPICS_ACLS: JSON.stringify(GRANTS),
    });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^Kafka refused the topics or their ACLs: .*\n- KAFKA_USERNAME needs the rights? /),
    ]);
  });

  it('says that a wrong password was refused, and does not show it', async () => {
    const { code, stderr } = await migrateTopics({ KAFKA_PASSWORD: 'wrong-one' });
    expect([code, stderr]).toEqual([1, expect.stringContaining('KAFKA_USERNAME or its password')]);
    expect(stderr).not.toContain('wrong-one');
  });

  it('says that no broker could be reached', async () => {
    const { code, stderr } = await migrateTopics({ KAFKA_BROKERS: '127.0.0.1:1', KAFKA_CONNECT_TIMEOUT_MS: '100' });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^Kafka could not be reached: .*127\.0\.0\.1:1/)]);
  });

  it.each([
    [{ KAFKA_TOPICS_REPLICATION_FACTOR: '0' }, 'KAFKA_TOPICS_REPLICATION_FACTOR'],
    [{ KAFKA_TOPICS_MIN_INSYNC_REPLICAS: '2' }, 'KAFKA_TOPICS_MIN_INSYNC_REPLICAS'],
    [{ KAFKA_TOPICS_ACLS: '[{"principal":"User:a","role":"admin"}]' }, 'KAFKA_TOPICS_ACLS'],
  ])('rejects %j before it connects', async (settings, name) => {
    const { code, stderr } = await migrateTopics({ ...settings, KAFKA_BROKERS: '127.0.0.1:1' });
    expect([code, stderr]).toEqual([78, expect.stringContaining(name)]);
  });
});

describe('createTopics', () => {
  const topic = { name: 'user-service.test.v1', partitions: 1, retentionMs: 1000 };
  const options = { topics: [topic], replicationFactor: 1, minInsyncReplicas: 1, grants: [], report: () => undefined };

  it('says that there are fewer brokers than copies', async () => {
    await expect(createTopics(connectionOf('admin'), { ...options, replicationFactor: 3 })).rejects.toMatchObject({
      code: 'TOPICS_REFUSED',
      faults: [{ detail: expect.stringContaining('must not exceed the number of brokers') as string }],
    });
  });

  it('says that ACLs need an authorizer', async () => {
    const grants = [{ principal: 'User:relay', role: 'relay' }] as const;
    await expect(createTopics(connectionTo(), { ...options, topics: [], grants })).rejects.toMatchObject({
      code: 'TOPICS_REFUSED',
      faults: [{ detail: expect.stringContaining('no authorizer') as string }],
    });
  });
});
