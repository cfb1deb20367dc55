// What the drill waits for: the moment at which a loss costs most, and the end of what is under way.

import kafkajs from 'kafkajs';
import { expect } from 'vitest';

import { EVENT_TOPICS } from '../../../src/messaging/event-topics.ts';
import { readMessages, toSeen, type SeenEvent } from '../../resilience/support/read-events.ts';
import { eventually } from '../../support/eventually.ts';
import type { ArchivingServer } from './archiving-server.ts';
import { DATABASE, type Service } from './service.ts';

export type Running = Awaited<ReturnType<Service['start']>>;

type System = { readonly server: ArchivingServer; readonly service: Service; readonly archiveTimeoutSeconds: number };

/** @param rows a table, with a condition */
export const countRows = async (server: ArchivingServer, rows: string): Promise<number> =>
  (await server.sql<{ count: number }>(`SELECT count(*)::integer AS count FROM ${rows}`, DATABASE))[0]?.count ?? -1;

/** Seconds since the last archived WAL, and how many files have been archived. */
const archive = async ({ server }: System): Promise<{ age: number; files: number }> => {
  const [row] = await server.sql<{ age: number; files: number }>(
    'SELECT extract(epoch FROM clock_timestamp() - last_archived_time)::float8 AS age, archived_count::integer AS files FROM pg_stat_archiver',
  );
  return row ?? { age: 0, files: 0 };
};

/**
 * Shortly before the next WAL is archived, when a loss costs most. The last archived WAL has events in the outbox that have been published since.
 * Repeated when the server has archived meanwhile.
 */
export const worstMoment = async (system: System, relay: Running): Promise<Running> => {
  const { server, service, archiveTimeoutSeconds } = system;
  await relay.stop();
  await eventually(
    async () => {
      expect(await countRows(server, 'outbox')).toBeGreaterThan(20);
    },
    { deadlineMs: 60_000 },
  );
  const { files } = await archive(system);
  await server.sql('SELECT pg_switch_wal()');
  await eventually(
    async () => {
      expect((await archive(system)).files).toBeGreaterThan(files);
    },
    { deadlineMs: 20_000 },
  );
  const next = await service.start('relay');
  const now = await eventually(
    async () => {
      const state = await archive(system);
      if (state.files === files + 1) expect(state.age).toBeGreaterThan(0.7 * archiveTimeoutSeconds);
      return state;
    },
    { deadlineMs: 10_000 + 1000 * archiveTimeoutSeconds, everyMs: 200 },
  );
  return now.files === files + 1 ? next : worstMoment(system, next);
};

/** Resolves when the worker has read everything. */
export const caughtUp = async ({ kafka, env }: Service): Promise<void> => {
  const admin = new kafkajs.Kafka({ brokers: [...kafka.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  const topic = EVENT_TOPICS.OrderPlaced;
  await eventually(
    async () => {
      const [[committed], ends] = await Promise.all([
        admin.fetchOffsets({ groupId: env.CONSUMERS_GROUP, topics: [topic] }),
        admin.fetchTopicOffsets(topic),
      ]);
      for (const { partition, high } of ends)
        expect(committed?.partitions.find((one) => one.partition === partition)?.offset).toBe(high);
    },
    { deadlineMs: 120_000, everyMs: 200 },
  ).finally(() => admin.disconnect());
};

/** All that were ever published. */
export const readEvents = async ({ kafka, codec }: Service): Promise<SeenEvent[]> => {
  const topics = [EVENT_TOPICS.UserRegistered, EVENT_TOPICS.OrderPlaced];
  const messages = await Promise.all(topics.map((topic) => readMessages(kafka.brokers, topic)));
  return Promise.all(messages.flat().map((message) => toSeen(codec.decode, message)));
};
