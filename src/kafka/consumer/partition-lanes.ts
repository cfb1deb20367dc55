// Messages of a partition are handled one at a time and in order; partitions don't wait for each other. Each has a lane: a bounded queue
// between fetching and the handler. A full lane pauses its partition, which limits memory.

import { setTimeout as pause } from 'node:timers/promises';

import type { IncomingMessage } from '../../messaging/subscriber.ts';
import { backoffMs } from '../../resilience/backoff.ts';
import type { KafkaLog } from '../connection.ts';
import type { TopicPartition } from './membership.ts';

type Options = {
  readonly handle: (message: IncomingMessage) => Promise<void>;
  readonly onHandled: (message: IncomingMessage) => void;
  readonly pause: (partition: TopicPartition) => void;
  readonly resume: (partition: TopicPartition) => void;
  readonly logger: KafkaLog;
};

type Lane = TopicPartition & { readonly queue: IncomingMessage[]; busy: boolean; paused: boolean };

const MAX_QUEUED = 1000;
const RETRY = { firstMs: 100, maxMs: 30_000 };

export const makePartitionLanes = ({ handle, onHandled, logger, ...fetching }: Options) => {
  const lanes = new Map<string, Lane>();
  const running = new Set<Promise<void>>();
  const closing = new AbortController();
  let assignment = new AbortController();

  const laneOf = ({ topic, partition }: TopicPartition): Lane => {
    const name = `${topic}/${partition}`;
    const lane = lanes.get(name) ?? { topic, partition, queue: [], busy: false, paused: false };
    lanes.set(name, lane);
    return lane;
  };

  /** Retries until the message is handled, the partition is revoked or the subscriber closes; the result is whether it was handled. */
  const handleUntilDone = async (message: IncomingMessage, assigned: AbortSignal): Promise<boolean> => {
    const signal = AbortSignal.any([assigned, closing.signal]);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await handle(message);
        return true;
      } catch (err) {
        const { topic, partition, offset } = message;
        const retryInMs = backoffMs(attempt, RETRY);
        logger.warn({ topic, partition, offset, attempt, retryInMs, err }, 'message handler failed, retrying');
        await pause(retryInMs, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return false;
      }
    }
  };

  const resumeIfDrained = (lane: Lane): void => {
    if (!lane.paused || lane.queue.length > MAX_QUEUED / 2) return;
    lane.paused = false;
    fetching.resume(lane);
  };

  const work = async (lane: Lane): Promise<void> => {
    lane.busy = true;
    for (let message; !closing.signal.aborted && (message = lane.queue.shift()) !== undefined;) {
      const assigned = assignment.signal;
      const isHandled = await handleUntilDone(message, assigned);
      if (isHandled && !assigned.aborted) onHandled(message); // what was revoked meanwhile belongs to the next owner
      resumeIfDrained(lane);
    }
    lane.busy = false;
  };

  return {
    add: (partition: TopicPartition, messages: readonly IncomingMessage[]): void => {
      const lane = laneOf(partition);
      lane.queue.push(...messages);
      if (lane.queue.length >= MAX_QUEUED && !lane.paused) {
        lane.paused = true;
        fetching.pause(lane);
      }
      if (lane.busy) return;
      const worked = work(lane).finally(() => running.delete(worked));
      running.add(worked);
    },
    /** Drops the queued messages. A running handler runs to its end, alone in its partition, but its message does not count as handled. */
    reset: (): void => {
      assignment.abort();
      assignment = new AbortController();
      for (const lane of lanes.values()) {
        lane.queue.length = 0;
        lane.paused = false;
      }
    },
    /** Starts no further message; resolves when the running handlers have ended. */
    close: async (): Promise<void> => {
      closing.abort();
      await Promise.all(running);
    },
  };
};
