// PostgreSQL does not run as root, so a service that runs as root starts it as the account `postgres`.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** Empty: the account of the service. */
export type Account = { readonly uid?: number; readonly gid?: number };

const run = promisify(execFile);
const NAME = 'postgres';

const findAccount = async (): Promise<Account> => {
  const [uid, gid] = await Promise.all([run('id', ['-u', NAME]), run('id', ['-g', NAME])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
};

/** The account for the server; created when the service runs as root and the system has none. */
export const serverAccount = async (): Promise<Account> => {
  if (process.getuid?.() !== 0) return {};
  try {
    return await findAccount();
  } catch {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', NAME]);
    return findAccount();
  }
};

const ancestors = (path: string): string[] =>
  dirname(path) === path ? [] : [...ancestors(dirname(path)), dirname(path)];

const canEnter = async (folder: string, { uid, gid }: Account): Promise<boolean> => {
  const { mode, uid: owner, gid: group } = await stat(folder);
  if (owner === uid) return (mode & 0o100) !== 0;
  return (mode & (group === gid ? 0o010 : 0o001)) !== 0;
};

/** Whether the account can access `path`. Missing folders are created by root with access for it. */
export const isReachable = async (path: string, account: Account): Promise<boolean> => {
  if (account.uid === undefined) return true;
  const existing = ancestors(path).filter((folder) => existsSync(folder));
  const enterable = await Promise.all(existing.map((folder) => canEnter(folder, account)));
  return !enterable.includes(false);
};
