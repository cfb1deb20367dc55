// The archive of PostgreSQL's WAL: which segments a recovery reads, and whether one is missing.
// https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { BackupError } from './backup-error.ts';
import { isSegment, parseHistory, parseSegment, segmentName, timelinesAt, type Stretch } from './wal-names.ts';

/** Extension of the files that archive-wal.sh writes. */
export const COMPRESSED = '.gz';
const HISTORY = /^[\dA-F]{8}\.history$/;

export type Archive = {
  readonly names: ReadonlySet<string>;
  /** The way to the newest timeline, oldest first. */
  readonly stretches: readonly Stretch[];
};

/** @throws BackupError when the folder can't be read */
export const readArchive = async (folder: string, segmentBytes: number): Promise<Archive> => {
  const files = await readdir(folder).catch((cause: unknown) => {
    throw new BackupError('The archive of the WAL can not be read.', { cause });
  });
  const archived = files.filter((file) => file.endsWith(COMPRESSED));
  const names = new Set(archived.map((file) => file.slice(0, -COMPRESSED.length)));
  const newest = [...names]
    .filter((name) => HISTORY.test(name))
    .toSorted((one, other) => (one < other ? -1 : 1))
    .at(-1);
  if (newest === undefined) return { names, stretches: [{ timeline: 1, from: 0n }] };
  const text = gunzipSync(await readFile(join(folder, newest + COMPRESSED))).toString();
  return { names, stretches: parseHistory(text, Number.parseInt(newest.slice(0, 8), 16), segmentBytes) };
};

/**
 * The segments that a recovery reads, in their order.
 * @param start the first one, which the base backup names
 * @throws BackupError with the name of the first missing segment: PostgreSQL would end the recovery there without an error
 */
export const segmentsFrom = ({ names, stretches }: Archive, start: string, segmentBytes: number): string[] => {
  const first = parseSegment(start, segmentBytes);
  if (!timelinesAt(stretches, first.number).includes(first.timeline))
    throw new BackupError(`The backup is of timeline ${first.timeline}, which was left before it was taken.`);
  const last = [...names]
    .filter(isSegment)
    .map((name) => parseSegment(name, segmentBytes))
    .filter(({ timeline, number }) => timelinesAt(stretches, number).includes(timeline))
    .reduce((max, { number }) => (number > max ? number : max), first.number);
  return Array.from({ length: Number(last - first.number) + 1 }, (_, index) => {
    const number = first.number + BigInt(index);
    const candidates = timelinesAt(stretches, number).map((timeline) =>
      segmentName({ timeline, number }, segmentBytes),
    );
    const name = candidates.find((candidate) => names.has(candidate));
    if (name !== undefined) return name;
    throw new BackupError(
      `The archive lacks the WAL segment ${candidates[0] ?? start}: nothing after it can be restored.`,
    );
  });
};
