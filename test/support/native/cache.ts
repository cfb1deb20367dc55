// Missing servers are downloaded once into .cache/native and reused by later runs. Nothing is installed.

import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';

const CACHE = join(import.meta.dirname, '../../../.cache/native');
const FETCH_TIMEOUT_MS = 300_000;

type Failure = { readonly code?: unknown; readonly stdout?: string; readonly stderr?: string };

const toReason = (command: string, { code, stdout = '', stderr = '' }: Failure): string => {
  if (code === 'ENOENT') return `${command} is not on PATH`;
  const lines = stripVTControlCharacters(`${stderr}\n${stdout}`).split('\n');
  const line = lines.find((text) => text.trim() !== '') ?? 'no output';
  return `${command} failed: ${line.slice(0, 400)}`;
};

/**
 * Runs a program and returns its output.
 * @throws with the first line of its output when it is missing, exits with a code other than 0 or takes longer than 5 minutes
 */
export const run = async (command: string, args: readonly string[], cwd?: string): Promise<string> => {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, { timeout: FETCH_TIMEOUT_MS, cwd });
    return `${stdout}${stderr}`;
  } catch (cause) {
    throw new Error(toReason(command, cause as Failure), { cause });
  }
};

const maven = { last: Promise.resolve() as Promise<unknown> };

/** Runs Maven, one call at a time: its local repository does not support concurrent writers. */
export const runMaven = (args: readonly string[], cwd: string): Promise<string> => {
  const turn = maven.last.then(() => run('mvn', ['-B', '-ntp', '-q', ...args], cwd));
  maven.last = turn.catch(() => undefined);
  return turn;
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Creates the folder `name` in the cache with `fill` if it does not exist. An existing folder is complete. */
export const cached = async (name: string, fill: (folder: string) => Promise<void>): Promise<string> => {
  const folder = join(CACHE, name);
  const draft = `${folder}.${process.pid}`;
  if (await exists(folder)) return folder;
  try {
    await mkdir(draft, { recursive: true });
    await fill(draft);
    await rename(draft, folder);
  } catch (error) {
    if (!(await exists(folder))) throw error; // else another process created the same folder first
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
};
