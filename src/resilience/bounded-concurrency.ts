import { LRUCache } from 'lru-cache';

type Options = {
  readonly concurrency: number;
  /** How many calls may wait. */
  readonly queueLimit: number;
  /** The error for a call that finds no place in the queue, or loses it to another key. */
  readonly onFull: () => Error;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
};

/** Whose turn it is. Calls without one share a turn. */
type Turn = { readonly key: string; readonly preferred: boolean };

type Usage = { calls: number; readonly endsAt: number };

type Waiting = {
  readonly usage: Usage;
  readonly goesFirst: boolean;
  readonly start: () => void;
  readonly reject: (error: Error) => void;
};

const NOBODY: Turn = { key: '', preferred: false };
const USAGE = { windowMs: 60_000, maxKeys: 10_000 };
/** So many calls per window of a preferred key go before all others, so that nobody can prefer himself for ever. */
const PREFERRED_CALLS = 10;

/** Negative: `a` goes before `b`. Calls of one key are equal, and so are those of keys that have called as often. */
const compare = (a: Waiting, b: Waiting): number =>
  a.goesFirst === b.goesFirst ? a.usage.calls - b.usage.calls : Number(b.goesFirst) - Number(a.goesFirst);

const remove = (queue: Waiting[], one: Waiting | undefined): Waiting | undefined =>
  one === undefined ? undefined : queue.splice(queue.indexOf(one), 1)[0];

/** Removes the call that goes first; of equal ones, the one that has waited longest. */
const takeFirst = (queue: Waiting[]): Waiting | undefined => {
  let [first] = queue;
  for (const waiting of queue) if (first === undefined || compare(waiting, first) < 0) first = waiting;
  return remove(queue, first);
};

/** Removes the call that goes last; of equal ones, the one that has waited shortest. */
const takeLast = (queue: Waiting[]): Waiting | undefined => {
  let [last] = queue;
  for (const waiting of queue) if (last === undefined || compare(waiting, last) >= 0) last = waiting;
  return remove(queue, last);
};

/**
 * Runs at most `concurrency` calls at a time and lets `queueLimit` more wait. Next is the call whose key has called least within the last
 * minute, preferred keys first, then in order of arrival. When the queue is full, the call whose key has called most is rejected: a flood
 * from one key takes the places of that key only. Rejected calls count, so retrying at once is no advantage.
 */
export const makeBoundedConcurrency = (options: Options) => {
  const { concurrency, queueLimit, onFull, now = () => performance.now() } = options;
  const usages = new LRUCache<string, Usage>({ max: USAGE.maxKeys });
  const queue: Waiting[] = [];
  let running = 0;

  const usageOf = (key: string): Usage => {
    const known = usages.get(key);
    if (known !== undefined && known.endsAt > now()) return known;
    const none = { calls: 0, endsAt: now() + USAGE.windowMs };
    usages.set(key, none);
    return none;
  };

  const acquire = async ({ key, preferred }: Turn): Promise<void> => {
    const usage = usageOf(key);
    usage.calls += 1;
    const goesFirst = preferred && usage.calls <= PREFERRED_CALLS;
    if (running < concurrency) {
      running += 1;
      return;
    }
    // `release` passes its slot on to this call, so `running` does not change
    const started = new Promise<void>((start, reject) => queue.push({ usage, goesFirst, start, reject }));
    if (queue.length > queueLimit) takeLast(queue)?.reject(onFull());
    await started;
  };

  const release = (): void => {
    const next = takeFirst(queue);
    if (next === undefined) running -= 1;
    else next.start();
  };

  return {
    run: async <T>(work: () => Promise<T>, turn: Turn = NOBODY): Promise<T> => {
      await acquire(turn);
      return work().finally(release);
    },
    load: (): { running: number; waiting: number } => ({ running, waiting: queue.length }),
  };
};
