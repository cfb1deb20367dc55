// CPU profiles and heap snapshots of the running process, as files that Chrome DevTools opens. A heap snapshot contains every text in memory:
// names, e-mail addresses, tokens and keys. So files are readable for the account of the process alone, and there are few of them.

/* eslint-disable security/detect-non-literal-fs-filename -- the folder is the configuration's, the names are made here */

import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { getHeapSnapshot, getHeapStatistics } from 'node:v8';

import { CodedError, codeOf } from '../../errors/coded-error.ts';

export type DiagnosticsErrorCode = 'DIAGNOSTICS_RUNNING' | 'DIAGNOSTICS_NOT_STORED' | 'DIAGNOSTICS_FILE_NOT_FOUND';

export class DiagnosticsError extends CodedError<DiagnosticsErrorCode> {}

export type DiagnosticsFile = { readonly name: string; readonly path: string; readonly bytes: number };

/** Of a file in the folder; nothing else is read or deleted. */
export const FILE_NAME = /^(?:cpu|heap)-\d{8}T\d{9}Z-[0-9a-f]{8}\.(?:cpuprofile|heapsnapshot)$/;

const MAX_FILES = 5;
const MIB = 2 ** 20;
const CPU_PROFILE_BYTES = 64 * MIB;

const newName = (kind: 'cpu' | 'heap'): string => {
  const time = new Date().toISOString().replaceAll(/[-:.]/g, '');
  return `${kind}-${time}-${randomBytes(4).toString('hex')}.${kind === 'cpu' ? 'cpuprofile' : 'heapsnapshot'}`;
};

const notStored = (message: string, cause?: unknown): DiagnosticsError =>
  new DiagnosticsError('DIAGNOSTICS_NOT_STORED', message, { cause });

/** @throws DiagnosticsError DIAGNOSTICS_NOT_STORED unless there is a place for a file of about `bytes` */
const prepare = async (folder: string, bytes: number): Promise<void> => {
  try {
    // not `recursive`, which never ends below /proc
    await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    const files = (await readdir(folder)).filter((name) => FILE_NAME.test(name));
    if (files.length >= MAX_FILES) throw notStored(`The folder holds ${MAX_FILES} files: fetch and delete them.`);
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < bytes) throw notStored('There is not enough space in the folder.');
  } catch (error) {
    if (error instanceof DiagnosticsError) throw error;
    throw notStored('The folder cannot be written: set HTTP_MANAGEMENT_DIAGNOSTICS_DIR to a volume.', error);
  }
};

/** A file that could not be written completely is deleted. */
const save = async (folder: string, name: string, content: Readable): Promise<DiagnosticsFile> => {
  const path = join(folder, name);
  try {
    await pipeline(content, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    return { name, path, bytes: (await stat(path)).size };
  } catch (error) {
    await rm(path, { force: true });
    throw notStored('The file could not be written.', error);
  }
};

const profile = async (seconds: number): Promise<string> => {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    await pause(seconds * 1000, undefined, { ref: false });
    return JSON.stringify((await session.post('Profiler.stop')).profile);
  } finally {
    session.disconnect();
  }
};

const notFound = (cause?: unknown): DiagnosticsError =>
  new DiagnosticsError('DIAGNOSTICS_FILE_NOT_FOUND', 'There is no such file.', { cause });

/** @param options directory: empty for a folder of the temporary files */
export const makeProfiles = ({ directory }: { readonly directory: string }) => {
  const folder = directory === '' ? join(tmpdir(), 'user-service-diagnostics') : directory;
  let running = false;

  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running) throw new DiagnosticsError('DIAGNOSTICS_RUNNING', 'A profile or a snapshot is being taken.');
    running = true;
    try {
      return await work();
    } finally {
      running = false;
    }
  };
  const pathOf = (name: string): string => {
    if (!FILE_NAME.test(name)) throw notFound();
    return join(folder, name);
  };

  return {
    /** @throws DiagnosticsError DIAGNOSTICS_RUNNING | DIAGNOSTICS_NOT_STORED, before anything is measured */
    cpuProfile: (seconds: number): Promise<DiagnosticsFile> =>
      alone(async () => {
        await prepare(folder, CPU_PROFILE_BYTES);
        return save(folder, newName('cpu'), Readable.from([await profile(seconds)]));
      }),

    /** Stops the process while it walks the heap: about a second per 100 MB. @throws as above */
    heapSnapshot: (): Promise<DiagnosticsFile> =>
      alone(async () => {
        await prepare(folder, 2 * getHeapStatistics().used_heap_size + MIB);
        return save(folder, newName('heap'), getHeapSnapshot());
      }),

    /** @throws DiagnosticsError DIAGNOSTICS_FILE_NOT_FOUND */
    read: async (name: string): Promise<ReadStream> => {
      const path = pathOf(name);
      await stat(path).catch((error: unknown) => {
        throw notFound(error);
      });
      return createReadStream(path);
    },

    /** @throws DiagnosticsError DIAGNOSTICS_FILE_NOT_FOUND */
    remove: async (name: string): Promise<void> => {
      await rm(pathOf(name)).catch((error: unknown) => {
        throw codeOf(error) === 'ENOENT' ? notFound(error) : error;
      });
    },
  };
};

export type Profiles = ReturnType<typeof makeProfiles>;
