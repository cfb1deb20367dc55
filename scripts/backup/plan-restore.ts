// Chooses what a restore reads, and refuses what can't succeed before anything is written.

import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { BackupError } from './backup-error.ts';
import { lastCommitIn } from './last-commit.ts';
import { findPrograms, runProgram } from './programs.ts';
import { listBackups, sha256Of, type Backup, type Store } from './store.ts';
import { readArchive, segmentsFrom } from './wal-archive.ts';

/** `latest`: everything that is in the archive. */
export type Goal = 'latest' | Date;

export type RestorePlan = {
  readonly backup: Backup;
  readonly goal: Goal;
  readonly target: string;
  /** In the order in which they are read. */
  readonly segments: readonly string[];
  /** Of the last commit in the archive; that of the end of the backup when there is none. */
  readonly archiveEnd: Date;
  readonly programs: string;
};

type Options = {
  readonly store: Store;
  readonly goal: Goal;
  readonly target: string;
  readonly programs: string | undefined;
};

const NEEDED = ['postgres', 'pg_verifybackup', 'pg_waldump'];

/** @throws BackupError unless the folder is empty or does not exist */
const assertEmpty = async (target: string): Promise<void> => {
  const entries = await readdir(target).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length > 0)
    throw new BackupError(
      `${target} is not empty, and nothing is overwritten: move the old data away, or name another folder.`,
    );
};

const rangeOf = (oldest: Backup, end: Date): string => `from ${oldest.endedAt} to ${end.toISOString()}`;

/** The newest backup that had ended before the goal. */
const chooseBackup = (backups: readonly Backup[], goal: Goal): Backup | undefined =>
  goal === 'latest' ? backups[0] : backups.find(({ endedAt }) => new Date(endedAt) <= goal);

const assertInRange = (goal: Goal, oldest: Backup, end: Date): void => {
  if (goal === 'latest' || goal <= end) return;
  throw new BackupError(
    `${goal.toISOString()} is after the last commit in the archive: it can restore ${rangeOf(oldest, end)}, or latest.`,
  );
};

const verify = async (
  { folder, name, manifestSha256 }: Backup,
  programs: string,
  { account }: Store,
): Promise<void> => {
  const data = join(folder, 'data');
  if ((await sha256Of(join(data, 'backup_manifest'))) !== manifestSha256)
    throw new BackupError(`The backup ${name} is damaged: its manifest was changed.`);
  await runProgram({ program: join(programs, 'pg_verifybackup'), args: ['--quiet', data], account }).catch(
    (cause: unknown) => {
      throw new BackupError(`The backup ${name} is damaged.`, { cause });
    },
  );
};

/** @throws BackupError when the goal is out of range, a segment is missing, a file is damaged, or the target is not empty */
export const planRestore = async ({ store, goal, ...options }: Options): Promise<RestorePlan> => {
  const target = resolve(options.target);
  await assertEmpty(target);
  const backups = await listBackups(store);
  const oldest = backups.at(-1);
  if (oldest === undefined) throw new BackupError(`${store.base} has no complete base backup.`);
  const programs = await findPrograms(oldest.major, NEEDED, options.programs);
  const backup = chooseBackup(backups, goal);
  const { segmentBytes, firstWal, endedAt } = backup ?? oldest;
  const segments = segmentsFrom(await readArchive(store.wal, segmentBytes), firstWal, segmentBytes);
  const archiveEnd = (await lastCommitIn(store.wal, segments, programs)) ?? new Date(endedAt);
  if (backup === undefined)
    throw new BackupError(
      `${(goal as Date).toISOString()} is before the first backup: it can restore ${rangeOf(oldest, archiveEnd)}.`,
    );
  assertInRange(goal, oldest, archiveEnd);
  await verify(backup, programs, store);
  return { backup, goal, target, segments, archiveEnd, programs };
};
