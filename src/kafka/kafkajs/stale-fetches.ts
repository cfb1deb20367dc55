type Options = {
  /** No fetch takes longer; so a broker that is never asked again does not hold the others up for ever. */
  readonly longestFetchMs: number;
  readonly now?: () => number;
};

/**
 * When the leader of a partition moves, kafkajs joins again inside the fetch from one broker, while another one is still being asked. What that
 * one answers was asked for under the assignment before, from where reading had come: taken for new, it would skip what was read but not handled.
 */
export const makeStaleFetches = ({ longestFetchMs, now = () => performance.now() }: Options) => {
  const asked = new Set<number>();
  let stale = new Set<number>();
  let until = 0;
  return {
    /** kafkajs asks a broker again only when it has handed over everything of the answer before. */
    fetchBegins: (node: number): void => {
      asked.add(node);
      stale.delete(node);
    },
    assigned: (): void => {
      stale = new Set(asked);
      asked.clear();
      until = now() + longestFetchMs;
    },
    /** Whether messages that come now may be of an assignment that is over. */
    possible: (): boolean => stale.size > 0 && now() < until,
  };
};
