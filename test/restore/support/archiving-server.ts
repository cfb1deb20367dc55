// A PostgreSQL that archives its WAL, which a test kills and loses with all of its data, and starts again from restored data.

import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { access, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { serverAccount, type Account } from '../../../src/embedded/postgres/account.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { using } from '../../support/template-database.ts';

const SCRIPT = join(import.meta.dirname, '../../../scripts/backup/archive-wal.sh');
const PASSWORD = 'postgres';
const START_MS = 60_000;

export type Options = {
  readonly programs: string;
  readonly archiveTimeoutSeconds: number;
  readonly settings?: Readonly<Record<string, string>>;
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

const run = async (account: Account, program: string, args: readonly string[]): Promise<void> => {
  const child = spawn(program, args, {
    ...account,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { LC_ALL: 'C' },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}`);
};

/** PostgreSQL takes the folder only from its owner. */
const makeFolders = async (account: Account) => {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-restore-'));
  const backups = join(folder, 'backups');
  await mkdir(join(backups, 'wal'), { recursive: true });
  await copyFile(SCRIPT, join(folder, 'archive-wal.sh'));
  await writeFile(join(folder, 'password'), PASSWORD);
  if (account.uid !== undefined) await run({}, '/bin/chown', ['-R', `${account.uid}:${account.gid ?? ''}`, folder]);
  return { folder, backups, archiver: join(folder, 'archive-wal.sh') };
};

const initialise = (account: Account, programs: string, folder: string, data: string): Promise<void> => {
  const options = ['--username=postgres', `--pwfile=${join(folder, 'password')}`, '--auth-host=scram-sha-256'];
  const args = [`--pgdata=${data}`, ...options, '--auth-local=trust', '--encoding=UTF8', '--locale=C'];
  return run(account, join(programs, 'initdb'), args);
};

export const startArchivingServer = async ({ programs, archiveTimeoutSeconds, settings = {} }: Options) => {
  const account = await serverAccount();
  const { folder, backups, archiver } = await makeFolders(account);
  const port = await freePort();
  const admin = { host: '127.0.0.1', port, user: 'postgres', password: PASSWORD, database: 'postgres' };
  let server: ChildProcess | undefined;
  let log = '';

  /** Serves these data, and archives into the same folder. */
  const start = async (data: string): Promise<void> => {
    const own = {
      port: String(port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      archive_mode: 'on',
      archive_timeout: String(archiveTimeoutSeconds),
      ...settings,
    };
    const flags = Object.entries(own).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    server = spawn(join(programs, 'postgres'), ['-D', data, ...flags], {
      ...account,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    });
    server.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
    await eventually(() => using(admin, (client) => client.query('SELECT 1')), { deadlineMs: START_MS });
  };

  const data = join(folder, 'data');
  await initialise(account, programs, folder, data);
  await start(data);
  const sql = async <T extends object>(text: string, database = 'postgres'): Promise<T[]> =>
    (await using({ ...admin, database }, (client) => client.query<T>(text))).rows;

  return {
    ...admin,
    folder,
    backups,
    data,
    sql,
    start,
    log: () => log,
    /** Resolves when the archiver uses the command, which it reads again before each segment. `/bin/true` discards WAL, which makes loading data faster. */
    archive: async (command = `sh ${archiver} "%p" "${join(backups, 'wal')}/%f"`): Promise<void> => {
      const marker = join(folder, randomUUID());
      await sql(`ALTER SYSTEM SET archive_command = 'touch ${marker}; ${command}'`);
      await sql('SELECT pg_reload_conf()');
      await sql("SELECT pg_create_restore_point('archive_command')"); // a segment without content is not archived
      await sql('SELECT pg_switch_wal()');
      await eventually(() => access(marker), { deadlineMs: START_MS });
    },
    /** As a lost machine: SIGKILL, and the data are gone. */
    lose: async (): Promise<void> => {
      server?.kill('SIGKILL');
      if (server !== undefined) await end(server);
      // the other processes of the server end when they notice
      await eventually(() => rm(data, { recursive: true, force: true }), { deadlineMs: START_MS });
    },
    stop: async (): Promise<void> => {
      server?.kill('SIGINT');
      if (server !== undefined) await end(server);
    },
    close: async (): Promise<void> => {
      server?.kill('SIGQUIT');
      if (server !== undefined) await end(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
};

export type ArchivingServer = Awaited<ReturnType<typeof startArchivingServer>>;
