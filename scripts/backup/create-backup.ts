// Takes a base backup, verifies it, and proves that the WAL since then is archived.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';

import { awaitArchive } from './await-archive.ts';
import { assertArchives, archiverState, describeServer } from './backup-server.ts';
import { findPrograms, runProgram } from './programs.ts';
import { addBackup, claimStore, sha256Of, type Backup, type Store } from './store.ts';
import { segmentAt, segmentName } from './wal-names.ts';

type Options = {
  readonly pool: Pool;
  readonly store: Store;
  /** Connection variables of libpq: PGHOST … */
  readonly connection: Readonly<Record<string, string>>;
  readonly programs: string | undefined;
  readonly report: (line: string) => void;
};

/** The part of backup_manifest that is used: https://www.postgresql.org/docs/current/backup-manifest-format.html */
type ServerManifest = {
  readonly Files: readonly { readonly Size: number }[];
  readonly 'WAL-Ranges': readonly {
    readonly Timeline: number;
    readonly 'Start-LSN': string;
    readonly 'End-LSN': string;
  }[];
};

const readServerManifest = async (data: string) => {
  const file = join(data, 'backup_manifest');
  const { Files: files, 'WAL-Ranges': ranges } = JSON.parse(await readFile(file, 'utf8')) as ServerManifest;
  const [first, last] = [ranges[0], ranges.at(-1)];
  return {
    timeline: first?.Timeline ?? 1,
    startLsn: first?.['Start-LSN'] ?? '0/0',
    endLsn: last?.['End-LSN'] ?? '0/0',
    files: files.length,
    bytes: files.reduce((sum, { Size: size }) => sum + size, 0),
    manifestSha256: await sha256Of(file),
  };
};

const ARGS = ['--wal-method=stream', '--checkpoint=fast', '--manifest-checksums=SHA256', '--no-password'];

/** @throws BackupError when the server does not archive, or a program is missing or fails; what is incomplete stays as `<time>.part` */
export const createBackup = async ({ pool, store, connection, programs, report }: Options): Promise<Backup> => {
  const server = await describeServer(pool);
  assertArchives(server);
  const folder = await findPrograms(server.major, ['pg_basebackup', 'pg_verifybackup', 'pg_waldump'], programs);
  await claimStore(store, server.system_identifier);
  await awaitArchive(pool, store);
  const { now: startedAt } = await archiverState(pool);
  const { account } = store;
  const place = await addBackup(store, startedAt);
  report(`base backup of PostgreSQL ${server.version} …`);
  await runProgram({
    program: join(folder, 'pg_basebackup'),
    args: [`--pgdata=${place.data}`, ...ARGS],
    account,
    variables: connection,
  });
  await runProgram({ program: join(folder, 'pg_verifybackup'), args: ['--quiet', place.data], account });
  const { now: endedAt } = await archiverState(pool);
  const described = await readServerManifest(place.data);
  const segmentBytes = server.segment_bytes;
  const number = segmentAt(described.startLsn, segmentBytes);
  report(`verified: ${described.files} files`);
  await awaitArchive(pool, store);
  return place.keep({
    systemIdentifier: server.system_identifier,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt.toISOString(),
    serverVersion: server.version,
    major: server.major,
    ...described,
    firstWal: segmentName({ timeline: described.timeline, number }, segmentBytes),
    segmentBytes,
  });
};
