import type { IncomingMessage } from '../../messaging/subscriber.ts';
import type { Commit } from './membership.ts';

type Options = {
  readonly commit: (commits: readonly Commit[]) => Promise<void>;
  /** Told when a commit failed; it is tried again. */
  readonly onError: (error: unknown) => void;
};

/** Handled messages wait at most so long for the commit of their offsets; a crash in between delivers them again. */
const COMMIT_EVERY_MS = 100;
const COMMIT_AGAIN_MS = 1000;

/** Gathers the offsets of handled messages and commits them together, one commit at a time. */
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
      if (handled !== before) return; // forgotten meanwhile
      handled = new Map([...commits, ...handled]);
      timer ??= setTimeout(() => void flush(), COMMIT_AGAIN_MS);
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
    /** What was handled under an assignment that is over, but not committed, is for the partition's next owner. */
    forget: (): void => {
      clearTimeout(timer);
      timer = undefined;
      handled = new Map();
    },
  };
};
