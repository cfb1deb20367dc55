/** Where a group that committed `committed` (-1: nothing) goes on in a log that holds the offsets from `low` up to `high`. */
export const nextOffset = (committed: bigint, low: bigint, high: bigint): bigint =>
  committed >= low && committed <= high ? committed : low;
