// Reads what a topic holds at one moment, one message at a time, and then ends: for command-line tools. A worker's subscription never ends.

import { CodedError } from '../errors/coded-error.ts';
import type { IncomingMessage, Subscriber } from '../messaging/subscriber.ts';

export class BacklogError extends CodedError<'TOPIC_ABSENT' | 'MESSAGES_MISSING'> {}

type Deps = {
  /** Of a consumer group that nothing else uses. */
  readonly subscriber: Pick<Subscriber, 'positions' | 'start'>;
  /** Maximum time until the next message. */
  readonly idleMs: number;
};

export type Backlog = {
  readonly topic: string;
  /** Number of unread messages. */
  readonly waiting: number;
  /** End offset of each partition that has unread messages. */
  readonly ends: ReadonlyMap<number, bigint>;
};

export type BacklogReading = {
  readonly backlog: Backlog;
  /** False: the position of the group does not change. */
  readonly commits: boolean;
  /** Ends the reading between two messages. */
  readonly signal: AbortSignal;
  /** Called for one message at a time. False ends the reading. */
  readonly take: (message: IncomingMessage) => Promise<boolean>;
};

/** Serializes the work of several partitions. */
const makeQueue = () => {
  let last: Promise<unknown> = Promise.resolve();
  return (work: () => Promise<void>): Promise<void> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
};

/** What remains to be read. */
const makeRemaining = ({ ends }: Backlog) => {
  const open = new Set(ends.keys());
  const taken = new Map<number, bigint>();
  const after = ({ offset }: IncomingMessage): bigint => BigInt(offset) + 1n;
  return {
    isEmpty: (): boolean => open.size === 0,
    clear: (): void => {
      open.clear();
    },
    isAfterEnd: (message: IncomingMessage): boolean => after(message) > (ends.get(message.partition) ?? 0n),
    /** A message is delivered again after a rebalance. */
    wasTaken: (message: IncomingMessage): boolean => after(message) <= (taken.get(message.partition) ?? 0n),
    markTaken: (message: IncomingMessage): void => {
      taken.set(message.partition, after(message));
      if (after(message) === ends.get(message.partition)) open.delete(message.partition);
    },
  };
};

export const makeBacklogReader = ({ subscriber, idleMs }: Deps) => {
  /** @throws BacklogError TOPIC_ABSENT */
  const find = async (topic: string): Promise<Backlog> => {
    const positions = await subscriber.positions(topic);
    if (positions.length === 0) throw new BacklogError('TOPIC_ABSENT', 'There is no such topic.');
    const sizes = positions.map(({ partition, next, end }) => ({ partition, end: BigInt(end), next: BigInt(next) }));
    const filled = sizes.filter(({ next, end }) => next < end);
    return {
      topic,
      waiting: Number(filled.reduce((sum, { next, end }) => sum + end - next, 0n)),
      ends: new Map(filled.map(({ partition, end }) => [partition, end])),
    };
  };

  /**
   * Resolves when the subscriber can be closed. Rejects with what `take` rejected with; that message is not committed.
   * @throws BacklogError MESSAGES_MISSING
   */
  const read = async ({ backlog, commits, signal, take }: BacklogReading): Promise<void> => {
    const remaining = makeRemaining(backlog);
    const inTurn = makeQueue();
    const ended = Promise.withResolvers<undefined>();
    ended.promise.catch(() => undefined); // it may reject before it is awaited
    const idle = setTimeout(() => {
      ended.reject(new BacklogError('MESSAGES_MISSING', 'The broker did not send the remaining messages in time.'));
    }, idleMs);

    const handle = async (message: IncomingMessage): Promise<void> => {
      if (remaining.wasTaken(message)) return;
      // rejected, so that it is not committed: the next reading gets it
      if (signal.aborted || remaining.isEmpty() || remaining.isAfterEnd(message))
        throw new Error('The reading has ended.');
      const wantsMore = await take(message).catch((error: unknown) => {
        remaining.clear();
        ended.reject(error);
        throw error;
      });
      idle.refresh();
      remaining.markTaken(message);
      if (!wantsMore) remaining.clear();
      if (remaining.isEmpty()) ended.resolve(undefined);
    };

    const stop = (): void => {
      ended.resolve(undefined);
    };
    signal.addEventListener('abort', stop);
    try {
      await subscriber.start({ topics: [backlog.topic], commits, handle: (message) => inTurn(() => handle(message)) });
      await ended.promise;
    } finally {
      clearTimeout(idle);
      signal.removeEventListener('abort', stop);
    }
  };

  return { find, read };
};
