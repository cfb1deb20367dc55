// The message broker of `npm start` in place of Kafka: topics with partitions, consumer groups with offsets, and the same guarantees. Order per key,
// an offset is committed only after the handler has resolved, a rejected message is delivered again and blocks its partition. Unlike with Kafka,
// messages are lost when the process ends.

import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { MessagingError } from '../../messaging/messaging-error.ts';
import type { OutgoingMessage, Publisher } from '../../messaging/publisher.ts';
import type { IncomingMessage, Lag, Position, Subscriber, Subscription } from '../../messaging/subscriber.ts';
import { makeMemoryPartition, type MemoryPartition } from './partition.ts';

type Options = {
  readonly partitions?: number;
  /** Messages that each partition keeps after all groups have read them. */
  readonly retained?: number;
  /** Delays before a rejected message is delivered again; one per partition and group. */
  readonly backoff: () => { next(): { readonly retryInMs: number }; reset(): void };
  /** Called each time a handler rejects. */
  readonly onRejected?: (error: unknown, message: IncomingMessage) => void;
};

type Reader = { readonly group: string; readonly subscription: Subscription; readonly closing: AbortSignal };

const DRAIN_POLL_MS = 5;

const hash = (key: Buffer): number => createHash('sha256').update(key).digest().readUInt32BE();

const makeTopics = ({ partitions, retained }: { partitions: number; retained: number }) => {
  const topics = new Map<string, MemoryPartition[]>();
  const open = (topic: string): MemoryPartition[] => {
    const existing = topics.get(topic);
    if (existing) return existing;
    const created = Array.from({ length: partitions }, () => makeMemoryPartition({ retained }));
    topics.set(topic, created);
    return created;
  };
  return { open, find: (topic: string): MemoryPartition[] => topics.get(topic) ?? [] };
};

type Topics = ReturnType<typeof makeTopics>;

const makePublisher = (topics: Topics): Publisher => {
  let closed = false;
  const append = (topic: string, { key, value, headers }: OutgoingMessage): void => {
    const logs = topics.open(topic);
    const partition = key === null ? 0 : hash(key) % logs.length;
    logs.at(partition)?.append({ topic, partition, key, value, headers, timestamp: BigInt(Date.now()) });
  };
  return {
    publish: (topic, messages) => {
      if (closed) return Promise.reject(new MessagingError('BROKER_UNAVAILABLE', 'The publisher is closed.'));
      for (const message of messages) append(topic, message);
      return Promise.resolve();
    },
    close: () => {
      closed = true;
      return Promise.resolve();
    },
  };
};

const positionOf = (log: MemoryPartition, partition: number, group: string): Position => ({
  partition,
  next: String(log.next(group)),
  end: String(log.end()),
});

export const makeMemoryBus = ({ partitions = 4, retained = 1000, backoff, onRejected }: Options) => {
  const topics = makeTopics({ partitions, retained });

  /** Runs until closed, in the async context of `start`: never in the trace of a publisher. */
  const read = async (log: MemoryPartition, { group, subscription, closing }: Reader): Promise<void> => {
    const delays = backoff();
    const commits = subscription.commits ?? true;
    let next = log.next(group);
    if (commits) log.commit(group, next); // from now on no message is dropped before this group has read it
    while (!closing.aborted) {
      const message = log.at(next);
      if (message === undefined) {
        await log.grown();
        continue;
      }
      try {
        await subscription.handle(message);
        next += 1;
        if (commits) log.commit(group, next);
        delays.reset();
      } catch (error) {
        onRejected?.(error, message);
        await pause(delays.next().retryInMs, undefined, { signal: closing }).catch(() => undefined);
      }
    }
  };

  const makeSubscriber = (group: string): Subscriber => {
    const closing = new AbortController();
    let subscribed: readonly string[] = [];
    let running: Promise<unknown> = Promise.resolve();
    const positions = (topic: string): Position[] =>
      topics.find(topic).map((log, partition) => positionOf(log, partition, group));
    return {
      start: (subscription) => {
        subscribed = subscription.topics;
        const reader = { group, subscription, closing: closing.signal };
        running = Promise.all(subscribed.flatMap(topics.open).map((log) => read(log, reader)));
        return Promise.resolve();
      },
      isJoined: () => subscribed.length > 0 && !closing.signal.aborted,
      lag: () => {
        const lagOf = (topic: string): Lag[] =>
          positions(topic).map(({ partition, next, end }) => ({
            topic,
            partition,
            messages: Number(end) - Number(next),
          }));
        return Promise.resolve(subscribed.flatMap(lagOf));
      },
      positions: (topic) => Promise.resolve(positions(topic)),
      close: async () => {
        closing.abort();
        for (const log of subscribed.flatMap(topics.open)) log.wake();
        await running;
      },
    };
  };

  return {
    makePublisher: (): Publisher => makePublisher(topics),
    /** One subscriber at a time per group: it reads all partitions. */
    makeSubscriber,
  };
};

/** Resolves when the subscriber has read all messages, or after `ms`. Messages that are not read when the process ends are lost. */
export const allRead = async (subscriber: Pick<Subscriber, 'lag'>, ms: number): Promise<void> => {
  const deadline = performance.now() + ms;
  while ((await subscriber.lag()).some(({ messages }) => messages > 0) && performance.now() < deadline)
    await pause(DRAIN_POLL_MS);
};
