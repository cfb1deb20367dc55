import { setTimeout as pause } from 'node:timers/promises';

import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';

import type { IncomingMessage, Subscriber } from '../../messaging/subscriber.ts';
import type { KafkaConnection } from '../connection.ts';
import type { JoinGroup, MembershipEnd, MembershipEvents, TopicPartition } from '../consumer/membership.ts';
import { makeSubscriber, type SubscriberSettings } from '../consumer/subscriber.ts';
import { isRefused, KAFKAJS_RETRY, makeKafkajs } from './client.ts';
import { addDecoders } from './codecs.ts';
import { openKafkajsOffsets } from './offsets.ts';
import { rawHeadersOf } from './raw-headers.ts';
import { makeStaleFetches } from './stale-fetches.ts';

type Options = { readonly connection: KafkaConnection; readonly group: string; readonly sessionTimeoutMs: number };

/** A broker without new messages responds after this time. Leaving and rebalancing take as long; the default is 5 s. */
const MAX_WAIT_MS = 250;
const HEARTBEATS_PER_SESSION = 10;
/** Few: after that many failures of a request the membership ends, and rejoining starts with a new connection. */
const RETRIES = 3;
const STALE_PAUSE_MS = 20;

/** Record format 0, which brokers before Kafka 4 still deliver, has no time. */
const timestampOf = ({ timestamp }: { readonly timestamp?: string }): bigint => BigInt(timestamp ?? -1);

const toIncoming = (at: TopicPartition, message: KafkaMessage): IncomingMessage => ({
  ...at,
  offset: message.offset,
  key: message.key,
  value: message.value,
  headers: rawHeadersOf(message.headers),
  timestamp: timestampOf(message),
});

const deliver =
  ({ onMessages }: MembershipEvents, mayBeStale: () => boolean) =>
  async ({ batch, resolveOffset }: EachBatchPayload): Promise<void> => {
    if (mayBeStale()) {
      await pause(STALE_PAUSE_MS);
      return; // not resolved, so it is fetched again
    }
    const at = { topic: batch.topic, partition: batch.partition };
    onMessages(
      at,
      batch.messages.map((message) => toIncoming(at, message)),
    );
    resolveOffset(batch.lastOffset());
  };

/** kafkajs keeps a partition paused after a reassignment; only a separate list can name the partitions that were revoked meanwhile. */
const makePauses = (consumer: Consumer) => {
  const paused = new Map<string, TopicPartition>();
  const of = ({ topic, partition }: TopicPartition) => ({ topic, partitions: [partition] });
  return {
    pause: (at: TopicPartition): void => {
      paused.set(`${at.topic}/${at.partition}`, at);
      consumer.pause([of(at)]);
    },
    resume: (at: TopicPartition): void => {
      paused.delete(`${at.topic}/${at.partition}`);
      consumer.resume([of(at)]);
    },
    resumeAll: (): void => {
      if (paused.size > 0) consumer.resume([...paused.values()].map(of));
      paused.clear();
    },
  };
};

/** Messages are only queued here, which takes no time: kafkajs keeps fetching and sending heartbeats whatever a handler does. */
const joinKafkajsGroup =
  ({ connection, group, sessionTimeoutMs }: Options): JoinGroup =>
  async (topics, events) => {
    addDecoders();
    const consumer = makeKafkajs(connection).consumer({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: 2 * sessionTimeoutMs,
      heartbeatInterval: sessionTimeoutMs / HEARTBEATS_PER_SESSION,
      maxWaitTimeInMs: MAX_WAIT_MS,
      allowAutoTopicCreation: false,
      // called only when kafkajs would restart by itself; for that it emits no CRASH event
      retry: {
        ...KAFKAJS_RETRY,
        retries: RETRIES,
        restartOnFailure: (error) => {
          end(error, 'lost');
          return Promise.resolve(false);
        },
      },
    });
    const pauses = makePauses(consumer);
    const stale = makeStaleFetches({ longestFetchMs: connection.requestTimeoutMs + MAX_WAIT_MS });
    const joined = Promise.withResolvers<undefined>();
    joined.promise.catch(() => undefined);
    const end = (error: Error, why: MembershipEnd): void => {
      joined.reject(error);
      events.onEnd(error, why);
    };

    consumer.on(consumer.events.FETCH_START, ({ payload: { nodeId } }) => {
      stale.fetchStarted(nodeId);
    });
    consumer.on(consumer.events.FETCH, events.onHeartbeat);
    consumer.on(consumer.events.HEARTBEAT, events.onHeartbeat);
    consumer.on(consumer.events.CRASH, ({ payload: { error } }) => {
      end(error, isRefused(error) ? 'refused' : 'fatal'); // no effect after `restartOnFailure`
    });
    const revoke = (): void => {
      pauses.resumeAll();
      events.onRevoked();
    };
    consumer.on(consumer.events.REBALANCING, revoke);
    consumer.on(consumer.events.GROUP_JOIN, () => {
      stale.assigned();
      revoke();
      joined.resolve(undefined);
    });

    try {
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: deliver(events, stale.possible),
      });
      await joined.promise;
    } catch (error) {
      void consumer.disconnect().catch(() => undefined);
      throw error;
    }
    return {
      ...pauses,
      commit: (commits) => consumer.commitOffsets([...commits]),
      leave: () => consumer.disconnect(),
    };
  };

/** On kafkajs. Connects when it is started. */
export const makeKafkajsSubscriber = (options: KafkaConnection & SubscriberSettings): Subscriber =>
  makeSubscriber({
    ...options,
    join: (settings) => joinKafkajsGroup({ connection: options, ...settings }),
    openOffsets: () => openKafkajsOffsets(options, options.group),
  });
