// What a topic holds at one moment, read one message at a time and then ended: for tools. A worker's subscription never ends.

import { CodedError } from '../errors/coded-error.ts';
import type { IncomingMessage, Subscriber } from '../messaging/subscriber.ts';

export class BacklogError extends CodedError<'TOPIC_ABSENT' | 'MESSAGES_MISSING'> {}

type Deps = {
  /** Of a group that is only for this. */
  readonly subscriber: Pick<Subscriber, 'positions' | 'start'>;
  /** Longest wait for the next message. */
  readonly idleMs: number;
};

export type Backlog = {
  readonly topic: string;
  /** How many messages wait. */
  readonly waiting: number;
  /** By partition that holds some: the offset behind the last one. */
  readonly ends: ReadonlyMap<number, bigint>;
};

export type BacklogReading = {
  readonly backlog: Backlog;
  /** False: the group stands afterwards where it stood before. */
  readonly commits: boolean;
  /** Ends it between two messages. */
  readonly signal: AbortSignal;
  /** Never called twice at a time. False: enough. */
  readonly take: (message: IncomingMessage) => Promise<boolean>;
};

/** Work that comes from several partitions, one piece after the other. */
const makeQueue = () => {
  let last: Promise<unknown> = Promise.resolve();
  return (work: () => Promise<void>): Promise<void> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
};

/** What is left to be read. */
const makeRest = ({ ends }: Backlog) => {
  const open = new Set(ends.keys());
  const passed = new Map<number, bigint>();
  const after = ({ offset }: IncomingMessage): bigint => BigInt(offset) + 1n;
  return {
    isEmpty: (): boolean => open.size === 0,
    clear: (): void => {
      open.clear();
    },
    isBehind: (message: IncomingMessage): boolean => after(message) > (ends.get(message.partition) ?? 0n),
    /** It comes again when the group was balanced anew. */
    wasTaken: (message: IncomingMessage): boolean => after(message) <= (passed.get(message.partition) ?? 0n),
    took: (message: IncomingMessage): void => {
      passed.set(message.partition, after(message));
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
    const rest = makeRest(backlog);
    const inTurn = makeQueue();
    const ended = Promise.withResolvers<undefined>();
    ended.promise.catch(() => undefined); // it may come before it is awaited
    const silence = setTimeout(() => {
      ended.reject(new BacklogError('MESSAGES_MISSING', 'Messages wait, but the broker did not send them in time.'));
    }, idleMs);

    const handle = async (message: IncomingMessage): Promise<void> => {
      if (rest.wasTaken(message)) return;
      // rejected, so that it is not committed: the next one who reads gets it
      if (signal.aborted || rest.isEmpty() || rest.isBehind(message)) throw new Error('The reading has ended.');
      const goesOn = await take(message).catch((error: unknown) => {
        rest.clear();
        ended.reject(error);
        throw error;
      });
      silence.refresh();
      rest.took(message);
      if (!goesOn) rest.clear();
      if (rest.isEmpty()) ended.resolve(undefined);
    };

    const stop = (): void => {
      ended.resolve(undefined);
    };
    signal.addEventListener('abort', stop);
    try {
      await subscriber.start({ topics: [backlog.topic], commits, handle: (message) => inTurn(() => handle(message)) });
      await ended.promise;
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', stop);
    }
  };

  return { find, read };
};

export type BacklogReader = ReturnType<typeof makeBacklogReader>;
