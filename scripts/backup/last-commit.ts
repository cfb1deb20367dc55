// The time of the last commit in the archive: a restore can't go beyond it.

import { createWriteStream } from 'node:fs';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';

import { variable } from '../../src/config/environment.ts';
import { BackupError } from './backup-error.ts';
import { COMPRESSED } from './wal-archive.ts';

/** `desc: COMMIT 2026-11-26 20:59:35.123456 UTC` */
const COMMIT = /desc: COMMIT (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})\d* UTC/g;

/** Its exit code is not 0 at the end of the records of a segment, which is no failure here. */
const dump = async (programs: string, segment: string): Promise<string> => {
  const child = spawn(join(programs, 'pg_waldump'), ['--rmgr=Transaction', segment], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: variable(env, 'PATH'), LC_ALL: 'C', TZ: 'UTC' },
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return output;
};

/** @param segments in their order. @returns undefined when none has a commit. @throws BackupError for a damaged file */
export const lastCommitIn = async (wal: string, segments: readonly string[], programs: string) => {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-wal-'));
  try {
    for (const segment of segments.toReversed()) {
      const file = join(folder, segment);
      await pipeline(createReadStream(join(wal, segment + COMPRESSED)), createGunzip(), createWriteStream(file)).catch(
        (cause: unknown) => {
          throw new BackupError(`The WAL segment ${segment} in the archive is damaged.`, { cause });
        },
      );
      const [, day, time] = [...(await dump(programs, file)).matchAll(COMMIT)].at(-1) ?? [];
      await rm(file);
      if (day !== undefined && time !== undefined) return new Date(`${day}T${time}Z`);
    }
    return undefined;
  } finally {
    await rm(folder, { recursive: true });
  }
};
