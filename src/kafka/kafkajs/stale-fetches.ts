type Options = {
  /** The longest duration of a fetch: limits the wait for a broker that is never fetched from again. */
  readonly longestFetchMs: number;
  readonly now?: () => number;
};

/**
 * When the leader of a partition moves, kafkajs rejoins inside the fetch from one broker while a fetch from another one is still pending. The
 * response to that fetch belongs to the previous assignment and starts where reading had come to: delivered as new, it would skip messages that
 * were read but not handled.
 */
export const makeStaleFetches = ({ longestFetchMs, now = () => performance.now() }: Options) => {
  const fetched = new Set<number>();
  let stale = new Set<number>();
  let until = 0;
  return {
    /** kafkajs fetches from a broker again only after it has delivered the whole previous response. */
    fetchStarted: (node: number): void => {
      fetched.add(node);
      stale.delete(node);
    },
    assigned: (): void => {
      stale = new Set(fetched);
      fetched.clear();
      until = now() + longestFetchMs;
    },
    /** Whether messages that arrive now may belong to a previous assignment. */
    possible: (): boolean => stale.size > 0 && now() < until,
  };
};
