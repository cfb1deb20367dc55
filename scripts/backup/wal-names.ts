// Names and positions of PostgreSQL's write-ahead log: https://www.postgresql.org/docs/current/wal-internals.html

/** `number` counts from the beginning of the WAL, whatever the timeline is. */
export type Segment = { readonly timeline: number; readonly number: bigint };

/** The recovery reads this timeline from segment `from` on. */
export type Stretch = { readonly timeline: number; readonly from: bigint };

const SEGMENT = /^[\dA-F]{24}$/;
const HISTORY_LINE = /^(\d+)\t([\dA-F]+\/[\dA-F]+)\t/gm;

export const isSegment = (name: string): boolean => SEGMENT.test(name);

const hex = (value: bigint | number): string => value.toString(16).toUpperCase().padStart(8, '0');

/** 256 for segments of 16 MB: how many there are for each value of the middle part of a name. */
const perPart = (segmentBytes: number): bigint => 0x1_0000_0000n / BigInt(segmentBytes);

/** @param name for example `000000010000000000000003` */
export const parseSegment = (name: string, segmentBytes: number): Segment => ({
  timeline: Number.parseInt(name.slice(0, 8), 16),
  number: BigInt(`0x${name.slice(8, 16)}`) * perPart(segmentBytes) + BigInt(`0x${name.slice(16)}`),
});

export const segmentName = ({ timeline, number }: Segment, segmentBytes: number): string =>
  `${hex(timeline)}${hex(number / perPart(segmentBytes))}${hex(number % perPart(segmentBytes))}`;

/** The number of the segment that has this position. @param lsn for example `0/3000060` */
export const segmentAt = (lsn: string, segmentBytes: number): bigint => {
  const [high = '', low = ''] = lsn.split('/');
  return ((BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`)) / BigInt(segmentBytes);
};

/**
 * The way from timeline 1 to `timeline`.
 * @param text of its `.history` file: one line per timeline before, with the position at which that was left
 */
export const parseHistory = (text: string, timeline: number, segmentBytes: number): Stretch[] => {
  const left = [...text.matchAll(HISTORY_LINE)].map(([, parent, lsn = '0/0']) => ({
    timeline: Number(parent),
    at: segmentAt(lsn, segmentBytes),
  }));
  return [...left.map((parent) => parent.timeline), timeline].map((one, index) => ({
    timeline: one,
    from: index === 0 ? 0n : (left.at(index - 1)?.at ?? 0n),
  }));
};

/** The timelines on which segment `number` may be, newest first: two when one of them was left within it. */
export const timelinesAt = (stretches: readonly Stretch[], number: bigint): number[] =>
  stretches
    .filter(({ from }, index) => from <= number && number <= (stretches.at(index + 1)?.from ?? number))
    .map(({ timeline }) => timeline)
    .toReversed();
