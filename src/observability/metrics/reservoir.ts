// A bounded sample of the values of a histogram, for exporters that send values instead of buckets.

type Labels = Readonly<Record<string, string>>;
type Kept = { readonly labels: Labels; readonly values: number[]; seen: number };

type Options = {
  /** Values per combination of labels between two readings. */
  readonly capacity: number;
  /** 0 ≤ x < 1. */
  readonly random?: () => number;
};

/**
 * Keeps every value up to the capacity; of more, each has the same chance to be kept, so that percentiles stay right (algorithm R, Vitter 1985).
 * The labels must have few, known values.
 */
export const makeReservoir = ({ capacity, random = Math.random }: Options) => {
  let kept = new Map<string, Kept>();

  const keep = ({ values, seen }: Kept, value: number): void => {
    const index = seen <= capacity ? values.length : Math.floor(random() * seen);
    if (index < capacity) values.splice(index, 1, value);
  };

  return {
    observe: (labels: Labels, value: number): void => {
      const key = Object.values(labels).join('\n');
      const entry = kept.get(key) ?? { labels, values: [], seen: 0 };
      kept.set(key, entry);
      entry.seen += 1;
      keep(entry, value);
    },
    /** The values since the last call. `seen` is greater than their number when there were more than fit. */
    take: (): readonly Readonly<Kept>[] => {
      const taken = [...kept.values()];
      kept = new Map();
      return taken;
    },
  };
};

export type Reservoir = ReturnType<typeof makeReservoir>;
