// Where the audit log goes: a stream that a collector reads, or a file on a volume of its own. Every line is written before the call returns, in
// the order of the events. A file that can no longer be written costs no line: they go to standard output until the file is back.

/* eslint-disable security/detect-non-literal-fs-filename -- the path is the configuration's */

import { closeSync, fstatSync, openSync, statSync, writeSync } from 'node:fs';

import { codeOf } from '../../errors/coded-error.ts';

const FILE = 'file:';
/** The owner writes, a group may read: log collectors often run as one. */
const MODE = 0o640;

export type AuditDestination = {
  /** Never throws. */
  readonly write: (line: string) => void;
  /** A readiness check: looks whether the file is still there (it may have been rotated). Throws while lines go to standard output. */
  readonly check: () => void;
  readonly close: () => void;
};

type Options = {
  /** `stdout`, `stderr` or `file:<path>`. */
  readonly to: string;
  /** The stream that application logs use too, so that their lines never mix within one. */
  readonly stdout: (line: string) => void;
  /** Called once when the file can no longer be written, and once when it can again. */
  readonly onFault: (error: unknown) => void;
  readonly onRecovery: () => void;
};

const writeAll = (fd: number, text: string): void => {
  let rest = Buffer.from(text);
  while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
};

/** Whether `path` is another file than the open one: it was renamed or deleted. */
const isMoved = (path: string, fd: number): boolean => {
  try {
    return statSync(path).ino !== fstatSync(fd).ino;
  } catch {
    return true;
  }
};

const toFile = (path: string, { stdout, onFault, onRecovery }: Options): AuditDestination => {
  let fd: number | undefined = openSync(path, 'a', MODE);
  let fault: unknown;

  const release = (): void => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };
  const fail = (error: unknown): void => {
    release();
    if (fault === undefined) onFault(error);
    fault = error;
  };
  const recover = (): void => {
    if (fault === undefined) return;
    fault = undefined;
    onRecovery();
  };
  const reopen = (): void => {
    try {
      if (fd === undefined || isMoved(path, fd)) {
        release();
        fd = openSync(path, 'a', MODE);
      }
      if (codeOf(fault) !== 'ENOSPC') recover(); // on a full disk a file can be opened: only a line that was written shows that there is space
    } catch (error) {
      fail(error);
    }
  };
  const written = (line: string): boolean => {
    if (fd === undefined) return false;
    try {
      writeAll(fd, line);
      return true;
    } catch (error) {
      fail(error);
      return false;
    }
  };

  return {
    write: (line) => {
      if (written(line)) recover();
      else stdout(line);
    },
    check: () => {
      reopen();
      if (fault !== undefined) throw new Error('the file of the audit log cannot be written', { cause: fault });
    },
    close: release,
  };
};

const ignore = (): void => undefined;

/** Node.js writes to a file, a terminal and, on Linux, a pipe before the call returns. */
const toStderr = (line: string): void => {
  process.stderr.write(line);
};

/** @throws an error of the file system when the file cannot be opened */
export const openAuditDestination = (options: Options): AuditDestination => {
  const { to, stdout } = options;
  if (to.startsWith(FILE)) return toFile(to.slice(FILE.length), options);
  return { write: to === 'stderr' ? toStderr : stdout, check: ignore, close: ignore };
};
