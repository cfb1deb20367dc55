import type { IncomingMessage } from '../../messaging/subscriber.ts';
import type { Commit } from './membership.ts';

type Options = {
  readonly commit: (commits: readonly Commit[]) => Promise<void>;
  /** Called when a commit failed; it is retried. */
  readonly onError: (error: unknown) => void;
};

/** The longest time between the handling of a message and the commit of its offset; after a crash in between it is delivered again. */
const COMMIT_EVERY_MS = 100;
const RETRY_MS = 1000;

/** Collects the offsets of handled messages and commits them together, one commit at a time. */
export const makeOffsetCommits = ({ commit, onError }: Options) => {
  let handled = new Map<string, Commit>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const commitHandled = async (): Promise<void> => {
    const commits = handled;
    handled = new Map();
    if (commits.size === 0) return;
    const before = handled;
    try {
      await commit([...commits.values()]);
    } catch (error) {
      onError(error);
      if (handled !== before) return; // forget() was called meanwhile
      handled = new Map([...commits, ...handled]);
      timer ??= setTimeout(() => void flush(), RETRY_MS);
    }
  };

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    running = running.then(commitHandled);
    return running;
  };

  return {
    add: ({ topic, partition, offset }: IncomingMessage): void => {
      handled.set(`${topic}/${partition}`, { topic, partition, offset: String(BigInt(offset) + 1n) });
      timer ??= setTimeout(() => void flush(), COMMIT_EVERY_MS);
    },
    flush,
    /** After a reassignment: messages that were handled but not committed belong to the next owner of the partition. */
    forget: (): void => {
      clearTimeout(timer);
      timer = undefined;
      handled = new Map();
    },
  };
};
