// A secret is a file: Docker, Kubernetes, Vault Agent and SOPS can all provide one. Rotation replaces the file (Kubernetes swaps a
// symbolic link), so each use of the secret checks whether the file has changed, at most once a second.

/* eslint-disable security/detect-non-literal-fs-filename -- the path is the configuration's */

import { readFileSync, statSync } from 'node:fs';

const CHECK_EVERY_MS = 1000;

type Options = {
  /** The value while there is no file. Without a fallback, a file that is missing at the start is an error. */
  readonly fallback?: string | undefined;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
};

const identityOf = (path: string): string => {
  const { ino, size, mtimeMs } = statSync(path);
  return `${ino}:${size}:${mtimeMs}`;
};

const readText = (path: string): string => {
  const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  if (text === '') throw new Error('the secret file is empty');
  return text;
};

/**
 * Returns the current text of the file, without its last line break. If the file later disappears or cannot be read, the last text
 * stays in use: a rotation in progress must not stop a running process.
 * @throws the error of the file system, or 'the secret file is empty', when the first read fails and there is no fallback
 */
export const makeSecretFile = (path: string, { fallback, now = () => performance.now() }: Options = {}) => {
  let identity: string | undefined;
  let text = fallback;
  let checkedAt = now();

  const refresh = (): void => {
    const current = identityOf(path);
    if (current === identity) return;
    text = readText(path);
    identity = current;
  };
  const tryRefresh = (): void => {
    try {
      refresh();
    } catch (error) {
      if (text === undefined) throw error;
    }
  };

  tryRefresh();
  return (): string => {
    if (now() - checkedAt >= CHECK_EVERY_MS) {
      checkedAt = now();
      tryRefresh();
    }
    return text ?? '';
  };
};
