import { Consumer, findErrorBy } from '@platformatic/kafka';

import type { Subscriber } from '../../messaging/subscriber.ts';
import type { KafkaConnection } from '../connection.ts';
import type { JoinGroup, TopicPartition } from '../consumer/membership.ts';
import { makeSubscriber, type SubscriberSettings } from '../consumer/subscriber.ts';
import { platformaticOptions } from './client.ts';
import { fetchRounds, type FetchPosition } from './fetching.ts';
import { openPlatformaticOffsets, readPositions } from './offsets.ts';

type Options = { readonly connection: KafkaConnection; readonly group: string; readonly sessionTimeoutMs: number };

const HEARTBEATS_PER_SESSION = 10;
/** Few: after that many failures of a request the membership ends, and rejoining starts with a new connection. */
const RETRIES = 3;
/** The name that kafkajs uses, so that members on either client can share a group: a rolling update may change the client. */
const ASSIGNER = { name: 'RoundRobinAssigner', version: 0 };
const UNKNOWN_EPOCH = -1;

const isRefused = (error: unknown): boolean =>
  error instanceof Error && findErrorBy(error, 'code', 'PLT_KFK_AUTHENTICATION') !== null;

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** The assigned partitions, each at its committed offset, else at its beginning. */
const fetchPositionsOf = async (consumer: Consumer): Promise<FetchPosition[]> => {
  const assigned = await Promise.all(
    (consumer.assignments ?? []).map(async ({ topic, partitions }) => {
      const positions = await readPositions(consumer, topic);
      return positions
        .filter(({ partition }) => partitions.includes(partition))
        .map(({ partition, next }) => ({ topic, partition, next: BigInt(next) }));
    }),
  );
  return assigned.flat();
};

/** The library sends heartbeats, rejoins after a rebalance and retries; fetching is done here. */
const joinPlatformaticGroup =
  ({ connection, group, sessionTimeoutMs }: Options): JoinGroup =>
  async (topics, events) => {
    const consumer = new Consumer({
      ...platformaticOptions(connection),
      retries: RETRIES,
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: 2 * sessionTimeoutMs,
      heartbeatInterval: sessionTimeoutMs / HEARTBEATS_PER_SESSION,
      autocommit: false,
      protocols: [ASSIGNER],
    });
    const paused = new Set<string>();
    let assignment = new AbortController();
    let reading: Promise<void> = Promise.resolve();

    const end = (error: unknown): void => {
      assignment.abort();
      events.onEnd(error, isRefused(error) ? 'refused' : 'lost');
    };
    const revoke = (): void => {
      assignment.abort();
      paused.clear();
      events.onRevoked();
    };
    const read = async (signal: AbortSignal): Promise<void> => {
      try {
        const positions = await fetchPositionsOf(consumer);
        await fetchRounds(positions, { consumer, events, isPaused: (at) => paused.has(nameOf(at)), signal });
      } catch (error) {
        if (!signal.aborted) end(error);
      }
    };

    consumer.on('error', end);
    consumer.on('consumer:heartbeat:end', events.onHeartbeat);
    consumer.on('consumer:group:rebalance', revoke);
    consumer.on('consumer:group:join', () => {
      revoke();
      assignment = new AbortController();
      const { signal } = assignment;
      reading = reading.then(() => read(signal)); // a broker accepts one fetch of a member at a time
    });

    const leave = async (): Promise<void> => {
      assignment.abort();
      await consumer.close(true);
    };
    try {
      consumer.topics.trackAll(...topics);
      await consumer.joinGroup({});
    } catch (error) {
      void leave().catch(() => undefined);
      throw error;
    }
    return {
      commit: (commits) =>
        consumer.commit({
          offsets: commits.map(({ offset, ...at }) => ({ ...at, offset: BigInt(offset), leaderEpoch: UNKNOWN_EPOCH })),
        }),
      pause: (at) => {
        paused.add(nameOf(at));
      },
      resume: (at) => {
        paused.delete(nameOf(at));
      },
      leave,
    };
  };

/** On @platformatic/kafka. Connects when it is started. */
export const makePlatformaticSubscriber = (options: KafkaConnection & SubscriberSettings): Subscriber =>
  makeSubscriber({
    ...options,
    join: (settings) => joinPlatformaticGroup({ connection: options, ...settings }),
    openOffsets: () => Promise.resolve(openPlatformaticOffsets(options, options.group)),
  });
