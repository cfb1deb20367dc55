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

type Waiting = { readonly rank: number; readonly start: () => void; readonly reject: (error: Error) => void };

const NOBODY: Turn = { key: '', preferred: false };
const USAGE = { windowMs: 60_000, maxKeys: 10_000 };
/** So many calls per window of a preferred key go before all others, so that nobody can prefer himself for ever. */
const PREFERRED_CALLS = 5;
const OTHERS = 1e9;

/** The place of the first waiting call with the lowest (+1) or of the last one with the highest (-1) rank. */
const extreme = (queue: readonly Waiting[], sign: 1 | -1): number => {
  let best = 0;
  for (const [index, { rank }] of queue.entries()) {
    const ahead = (queue[best]?.rank ?? 0) - rank;
    if (ahead * sign > 0 || (ahead === 0 && sign === -1)) best = index;
  }
  return best;
};

/**
 * Runs at most `concurrency` calls at a time and lets `queueLimit` more wait. Next is the call whose key has called least within the last
 * minute, preferred keys first, then in order of arrival. When the queue is full, the call whose key has called most is rejected: a flood
 * from one key takes the places of that key only. Rejected calls count, so retrying at once is no advantage.
 */
export const makeBoundedConcurrency = (options: Options) => {
  const { concurrency, queueLimit, onFull, now = () => performance.now() } = options;
  const usage = new LRUCache<string, { calls: number; endsAt: number }>({ max: USAGE.maxKeys });
  const queue: Waiting[] = [];
  let running = 0;

  const rankOf = ({ key, preferred }: Turn): number => {
    const at = now();
    let used = usage.get(key);
    if (used === undefined || used.endsAt <= at) {
      used = { calls: 0, endsAt: at + USAGE.windowMs };
      usage.set(key, used);
    }
    used.calls += 1;
    return used.calls + (preferred && used.calls <= PREFERRED_CALLS ? 0 : OTHERS);
  };

  const dropWorst = (): void => {
    const [worst] = queue.splice(extreme(queue, -1), 1);
    worst?.reject(onFull());
  };

  const acquire = async (turn: Turn): Promise<void> => {
    const rank = rankOf(turn);
    if (running < concurrency) {
      running += 1;
      return;
    }
    // `release` passes its slot on to this call, so `running` does not change
    const started = new Promise<void>((start, reject) => queue.push({ rank, start, reject }));
    if (queue.length > queueLimit) dropWorst();
    await started;
  };

  const release = (): void => {
    const [next] = queue.splice(extreme(queue, 1), 1);
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
