// What `npm start` has in place of Kafka: topics with partitions, groups with offsets, and the same promises. In order per key, the offset
// moves only after the handler resolved, a message that was rejected comes again and holds its partition. Nothing survives the process: what
// was not consumed is gone, as it never is with Kafka.

import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import type { IncomingMessage, Lag, Position, Subscriber, Subscription } from '../messaging/subscriber.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import type { OutgoingMessage, Publisher } from '../messaging/publisher.ts';
import { makeMemoryPartition, type MemoryPartition } from './memory-partition.ts';

type Options = {
  readonly partitions?: number;
  /** Messages that each partition keeps after they were read. */
  readonly retained?: number;
  /** A new row of waits before a rejected message comes again. */
  readonly backoff: () => { next(): { readonly retryInMs: number }; reset(): void };
  /** Told each time that a handler rejects. */
  readonly onRejected?: (error: unknown, message: IncomingMessage) => void;
};

type Reader = { readonly group: string; readonly subscription: Subscription; readonly closing: AbortSignal };

const DRAIN_LOOK_MS = 5;

const hash = (key: string): number => createHash('sha256').update(key).digest().readUInt32BE();

const makeTopics = ({ partitions, retained }: { partitions: number; retained: number }) => {
  const topics = new Map<string, MemoryPartition[]>();
  const open = (topic: string): MemoryPartition[] => {
    const known = topics.get(topic);
    if (known) return known;
    const made = Array.from({ length: partitions }, () => makeMemoryPartition({ retained }));
    topics.set(topic, made);
    return made;
  };
  return { open, find: (topic: string): MemoryPartition[] => topics.get(topic) ?? [] };
};

type Topics = ReturnType<typeof makeTopics>;

const makePublisher = (topics: Topics): Publisher => {
  let closed = false;
  const append = (topic: string, { key, value, headers }: OutgoingMessage): void => {
    const logs = topics.open(topic);
    const partition = key === undefined ? 0 : hash(key) % logs.length;
    logs.at(partition)?.append({ topic, partition, key, value, headers: { ...headers }, timestamp: new Date() });
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

  /** Runs until it is closed, in the context that called `start`: never in the trace of whoever published. */
  const read = async (log: MemoryPartition, { group, subscription, closing }: Reader): Promise<void> => {
    const waits = backoff();
    const commits = subscription.commits ?? true;
    let next = log.next(group);
    if (commits) log.commit(group, next); // from now on nothing is forgotten before this group has read it
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
        waits.reset();
      } catch (error) {
        onRejected?.(error, message);
        await pause(waits.next().retryInMs, undefined, { signal: closing }).catch(() => undefined);
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
    /** One at a time per group: there is no other process to share the partitions with. */
    makeSubscriber,
  };
};

export type MemoryBus = ReturnType<typeof makeMemoryBus>;

/** Resolves when the subscriber has read everything, or after `ms`: what waits at the end of the process is lost. */
export const allRead = async (subscriber: Pick<Subscriber, 'lag'>, ms: number): Promise<void> => {
  const deadline = performance.now() + ms;
  while ((await subscriber.lag()).some(({ messages }) => messages > 0) && performance.now() < deadline)
    await pause(DRAIN_LOOK_MS);
};
