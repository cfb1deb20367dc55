// Recovers a copy of a base backup with a private server: no network, its own settings. Afterwards the folder is the data of a server that was shut down.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

import { variable } from '../../src/config/environment.ts';
import { BackupError } from './backup-error.ts';
import type { RestorePlan } from './plan-restore.ts';
import { runProgram, type Account } from './programs.ts';
import type { Store } from './store.ts';
import { COMPRESSED } from './wal-archive.ts';

export type Recovered = {
  /** The newest commit that was restored. Undefined: none since the backup. */
  readonly lastCommit: Date | undefined;
  readonly timeline: number;
};

/** An exit code above 125 ends the recovery: a damaged file must not look like the end of the archive. */
const restoreCommand = (wal: string): string =>
  `if [ ! -f "${wal}/%f${COMPRESSED}" ]; then exit 1; fi; gzip -dc "${wal}/%f${COMPRESSED}" > "%p" || exit 200`;

/**
 * archive_mode without a command keeps the history of the new timeline until the real server archives it.
 * Without hot_standby the settings need not be those of the old server. As arguments they go before those in postgresql.auto.conf of the backup.
 */
const settingsFor = ({ target, goal }: RestorePlan, { wal }: Store, folder: string): string[] => {
  const settings = {
    data_directory: target,
    config_file: join(folder, 'postgresql.conf'),
    hba_file: join(folder, 'pg_hba.conf'),
    ident_file: join(folder, 'pg_ident.conf'),
    listen_addresses: '',
    unix_socket_directories: folder,
    shared_preload_libraries: '',
    hot_standby: 'off',
    archive_mode: 'on',
    archive_command: '',
    log_timezone: 'UTC',
    log_destination: 'stderr',
    logging_collector: 'off',
    lc_messages: 'C',
    restore_command: restoreCommand(wal),
    recovery_target_timeline: 'latest',
    recovery_target_action: 'promote',
    ...(goal === 'latest' ? {} : { recovery_target_time: goal.toISOString().replace('T', ' ').replace('Z', '+00') }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
};

const give = async (path: string, { uid, gid }: Account): Promise<void> => {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
};

const copyData = async ({ backup, target }: RestorePlan, account: Account): Promise<void> => {
  await mkdir(target, { recursive: true });
  await chmod(target, 0o700);
  await give(target, account);
  const args = ['-a', '--reflink=auto', `${join(backup.folder, 'data')}/.`, target];
  await runProgram({ program: 'cp', args, account });
};

/** The server reads none of the files of the old server, and nobody can connect to it. */
const prepare = async ({ target }: RestorePlan, { account }: Store, folder: string): Promise<void> => {
  await give(folder, account);
  const files = new Map([
    [join(folder, 'postgresql.conf'), ''],
    [join(folder, 'pg_hba.conf'), 'local all all reject\n'],
    [join(folder, 'pg_ident.conf'), ''],
    [join(target, 'recovery.signal'), ''],
  ]);
  for (const [file, content] of files) {
    await writeFile(file, content);
    await give(file, account);
  }
};

const LAST_COMMIT = /last completed transaction was at log time (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.?\d*)/g;
const TIMELINE = /selected new timeline ID: (\d+)/;

const readLog = (log: string): Recovered => {
  const [, day = '', time = ''] = [...log.matchAll(LAST_COMMIT)].at(-1) ?? [];
  return {
    lastCommit: day === '' ? undefined : new Date(`${day}T${time}Z`),
    timeline: Number(TIMELINE.exec(log)?.[1]),
  };
};

/** Starts the server, waits for the end of the recovery, and stops it. @returns its log */
const runServer = async (program: string, settings: readonly string[], account: Account): Promise<string> => {
  const server = spawn(program, settings, {
    ...account,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: variable(env, 'PATH'), LC_ALL: 'C' },
  });
  const kill = (): void => {
    server.kill('SIGINT');
  };
  process.once('exit', kill);
  let log = '';
  const state = { isDone: false };
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    if (!log.includes('ready to accept connections') || state.isDone) return;
    state.isDone = true;
    kill(); // a fast shutdown, with a checkpoint
  });
  const [code] = (await once(server, 'close')) as [number | null];
  process.off('exit', kill);
  if (state.isDone && code === 0) return log;
  const lines = log
    .trim()
    .split('\n')
    .filter((line) => /FATAL|ERROR|PANIC|DETAIL/.test(line));
  throw new BackupError(`The recovery failed: ${lines.slice(-3).join(' ') || log.slice(-500)}`);
};

/** @throws BackupError with the reason that PostgreSQL logged; the target is then incomplete and must be removed */
export const recover = async (plan: RestorePlan, store: Store, report: (line: string) => void): Promise<Recovered> => {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-recovery-'));
  try {
    await copyData(plan, store.account);
    report('copied the base backup');
    await prepare(plan, store, folder);
    const settings = settingsFor(plan, store, folder);
    const recovered = readLog(await runServer(join(plan.programs, 'postgres'), settings, store.account));
    report('recovered and shut down');
    return recovered;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
