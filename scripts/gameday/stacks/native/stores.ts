// How a drill and an operator reach the data of the native stack: SQL, Redis commands, Kafka messages.

import { makeKafkajs } from '../../../../src/kafka/kafkajs/client.ts';
import type { Stack } from '../stack.ts';
import { makeRedis, makeSql, PATIENT } from '../stores.ts';
import { DATABASE } from './settings.ts';
import type { ManagedServers } from './servers.ts';

const noLine = (): void => undefined;
const QUIET = { debug: noLine, info: noLine, warn: noLine, error: noLine, fatal: noLine };

export const connectionOf = (servers: ManagedServers, database = DATABASE) => ({
  host: '127.0.0.1',
  port: servers.postgres.port,
  database,
  user: 'postgres',
  password: 'postgres',
  ...PATIENT,
});

export const kafkaOf = (servers: ManagedServers) =>
  makeKafkajs({
    brokers: [`127.0.0.1:${servers.kafka.port}`],
    clientId: 'gameday',
    tls: false,
    connectTimeoutMs: 3000,
    requestTimeoutMs: 10_000,
    logger: QUIET,
  });

type Data = Pick<Stack, 'sql' | 'redis' | 'produce'>;

export const makeStores = (servers: ManagedServers): Data => ({
  sql: makeSql(connectionOf(servers)),
  redis: makeRedis({ host: '127.0.0.1', port: servers.redis.port }),
  produce: async (topic, messages) => {
    const producer = kafkaOf(servers).producer();
    await producer.connect();
    await producer.send({ topic, messages: [...messages] }).finally(() => producer.disconnect());
  },
});

export type Lag = { readonly group: string; readonly topic: string; readonly partition: number; readonly lag: number };

/** How far each consumer group is behind, from the brokers: also when its members are down. */
export const readLag = async (servers: ManagedServers): Promise<Lag[]> => {
  const admin = kafkaOf(servers).admin();
  await admin.connect();
  try {
    const { groups } = await admin.listGroups();
    const lags: Lag[] = [];
    for (const { groupId: group } of groups)
      for (const { topic, partitions } of await admin.fetchOffsets({ groupId: group })) {
        const ends = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, high]));
        for (const { partition, offset } of partitions)
          if (Number(offset) >= 0)
            lags.push({ group, topic, partition, lag: Number(ends.get(partition)) - Number(offset) });
      }
    return lags;
  } finally {
    await admin.disconnect();
  }
};
