import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { serverAccount } from '../../../src/embedded/postgres/account.ts';
import { eventually } from '../eventually.ts';
import { freePort } from '../free-port.ts';
import { using } from '../template-database.ts';
import type { TestDatabase } from '../test-database.ts';

type PgBouncer = { readonly host: string; readonly port: number; stop(): Promise<void> };

const PROGRAM = 'pgbouncer';

/** Its version, undefined when it is not installed. */
export const pgBouncerVersion = (): Promise<string | undefined> =>
  promisify(execFile)(PROGRAM, ['--version'], { env: { PATH: '/usr/sbin:/usr/bin:/usr/local/bin' } }).then(
    ({ stdout }) => /^PgBouncer (\S+)/m.exec(stdout)?.[1],
    () => undefined,
  );

const configuration = (at: TestDatabase, port: number, folder: string, mode: string): string => `[databases]
${at.database} = host=${at.host} port=${at.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, 'users.txt')}
pool_mode = ${mode}
default_pool_size = ${mode === 'session' ? 20 : 3}
`;

/** PgBouncer before a test database, with its defaults apart from the pool mode. */
export const startPgBouncer = async (at: TestDatabase, mode: 'session' | 'transaction'): Promise<PgBouncer> => {
  const account = await serverAccount();
  const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
  const port = await freePort();
  const config = join(folder, 'pgbouncer.ini');
  await writeFile(config, configuration(at, port, folder, mode));
  const logins = [`"${at.appUser}" "${at.appPassword}"`, `"${at.ownerUser}" "${at.ownerPassword}"`];
  await writeFile(join(folder, 'users.txt'), `${logins.join('\n')}\n`);
  await chmod(folder, 0o700);
  if (account.uid !== undefined && account.gid !== undefined)
    for (const path of [folder, config, join(folder, 'users.txt')]) await chown(path, account.uid, account.gid);
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- runs in tests only
  const child = spawn(PROGRAM, [config], {
    ...account,
    stdio: 'ignore',
    env: { PATH: '/usr/sbin:/usr/bin:/usr/local/bin' },
  });
  const exited = once(child, 'exit');
  const login = { host: '127.0.0.1', port, database: at.database, user: at.appUser, password: at.appPassword };
  await eventually(() => using(login, (client) => client.query('SELECT 1')));
  return {
    host: '127.0.0.1',
    port,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
};
