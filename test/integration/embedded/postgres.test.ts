import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { serverAccount } from '../../../src/embedded/postgres/account.ts';
import { reachableBinaries, reachableFolder } from '../../../src/embedded/postgres/place.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../src/embedded/postgres/server.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';

const isRoot = process.getuid?.() === 0;

/** One data folder for the file: creating one takes most of a second, starting with it a twentieth. */
let directory: string;
let running: EmbeddedPostgres[] = [];

const start = async (
  options: { port?: number; persistent?: boolean; directory?: string } = {},
): Promise<EmbeddedPostgres> => {
  const server = await startEmbeddedPostgres({
    directory,
    superuserPassword: 'a secret',
    persistent: true,
    ...options,
  });
  running.push(server);
  return server;
};

const query = async ({ host, port, user, password }: EmbeddedPostgres, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ host, port, user, password, database: 'postgres' });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return rows;
};

const serverPid = async (folder = directory): Promise<number> =>
  Number.parseInt(await readFile(join(folder, 'data/postmaster.pid'), 'utf8'), 10);

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const folders: string[] = [];
const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-postgres-'));
  folders.push(folder);
  return folder;
};

beforeAll(async () => {
  directory = await newFolder();
});

afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  running = [];
});

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

describe('the embedded PostgreSQL', () => {
  it('keeps its data across restarts', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE stopped AS SELECT 42 AS answer');
    await first.stop();
    expect(await query(await start(), 'SELECT answer FROM stopped')).toEqual([{ answer: 42 }]);
  });

  it('listens on the loopback address only, and on no socket file', async () => {
    const rows = await query(
      await start(),
      `SELECT current_setting('listen_addresses') AS addresses, current_setting('unix_socket_directories') AS sockets`,
    );
    expect(rows).toEqual([{ addresses: '127.0.0.1', sockets: '' }]);
  });

  it('rejects a wrong password', async () => {
    const server = await start();
    await expect(query({ ...server, password: 'a guess' }, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('stops within a second although a connection is open, and stop is idempotent', async () => {
    const server = await start();
    const client = new pg.Client({ ...server, database: 'postgres' });
    await client.connect();
    client.on('error', () => undefined); // the stop closes the connection
    const begin = performance.now();
    await server.stop();
    expect(performance.now() - begin).toBeLessThan(1000);
    await expect(client.query('SELECT 1')).rejects.toThrow();
    await server.stop();
  });

  it('leaves nothing behind when it is not persistent', async () => {
    const passing = await newFolder();
    const server = await start({ directory: passing, persistent: false });
    const pid = await serverPid(passing);
    await server.stop();
    expect({ folder: existsSync(passing), process: isAlive(pid) }).toEqual({ folder: false, process: false });
  });

  it('installs no signal handlers, and does not receive Ctrl-C in the terminal', async () => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'beforeExit'];
    const before = signals.map((signal) => process.listenerCount(signal));
    await start();
    expect(signals.map((signal) => process.listenerCount(signal))).toEqual(before);
    expect(process.kill(-(await serverPid()), 0)).toBe(true); // it leads its own process group
  });
});

describe('a folder that was used before', () => {
  it('is rejected while another service uses it', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({
      code: 'POSTGRES_IN_USE',
      message: `Another user-service is running in ${directory} (process ${process.pid}).`,
    });
  });

  it('is taken over from a server that was killed', async () => {
    const killed = await start();
    await query(killed, 'CREATE TABLE killed AS SELECT 42 AS answer');
    const pid = await serverPid();
    process.kill(pid, 'SIGKILL');
    await eventually(() => {
      expect(isAlive(pid)).toBe(false);
    });
    expect(await query(await start(), 'SELECT answer FROM killed')).toEqual([{ answer: 42 }]);
  });

  it('is taken over when the process id in its lock now belongs to another program', async () => {
    await (await start()).stop();
    await writeFile(join(directory, 'data/postmaster.pid'), `${process.pid}\n`);
    await writeFile(join(directory, 'owner.pid'), `${process.pid}\n`);
    await expect(start()).resolves.toMatchObject({ host: '127.0.0.1' });
  });

  it('is taken over from a service that was killed while its server lives on', async () => {
    const script = `import { startEmbeddedPostgres } from ${JSON.stringify(resolve('src/embedded/postgres/server.ts'))};
      await startEmbeddedPostgres({ directory: ${JSON.stringify(directory)}, superuserPassword: 'a secret', persistent: true });
      process.kill(process.pid, 'SIGKILL');`;
    const service = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
    await once(service, 'exit');
    const orphan = await serverPid();
    expect(isAlive(orphan)).toBe(true);
    const server = await start();
    expect(isAlive(orphan)).toBe(false);
    expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('is rejected when its data comes from another major version', async () => {
    const old = await newFolder();
    await mkdir(join(old, 'data'));
    await writeFile(join(old, 'data/PG_VERSION'), '15\n');
    await expect(start({ directory: old })).rejects.toMatchObject({
      code: 'POSTGRES_OTHER_VERSION',
      message: expect.stringContaining('written by PostgreSQL 15, but this is version 18') as string,
    });
  });

  it.runIf(isRoot)('is replaced when the account of the server can not enter a parent folder', async () => {
    const wanted = join(await newFolder(), 'postgres');
    const account = await serverAccount();
    const place = await reachableFolder(wanted, account);
    expect(place).toMatch(/^\/var\/tmp\/user-service\/postgres-[\da-f]{12}$/);
    expect(await reachableFolder(wanted, account)).toBe(place);

    const server = await start({ directory: wanted });
    expect(await readFile(join(place, 'data/PG_VERSION'), 'utf8')).toBe('18\n');
    await server.stop();
    await rm(place, { recursive: true, force: true });
  });

  it.runIf(isRoot)('has its binaries copied when the account can not enter the project', async () => {
    const project = await newFolder();
    const bin = join(project, 'native/bin');
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, 'postgres'), 'the program');
    const binaries = { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
    const moved = await reachableBinaries(binaries, await serverAccount());
    expect(moved.postgres).toMatch(/^\/var\/tmp\/user-service\/native-[\da-f]{12}\/bin\/postgres$/);
    expect(await readFile(moved.postgres, 'utf8')).toBe('the program');
    expect(await reachableBinaries(binaries, await serverAccount())).toEqual(moved);
    await rm(dirname(dirname(moved.postgres)), { recursive: true, force: true });
  });
});

describe('the port', () => {
  it('is the requested one', async () => {
    const port = await freePort();
    await expect(start({ port })).resolves.toMatchObject({ port });
  });

  it('is rejected when another program uses it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(start({ port })).rejects.toMatchObject({
      code: 'POSTGRES_PORT_TAKEN',
      message: expect.stringContaining(`${port}`) as string,
    });
    other.close();
  });
});
