// A secret is a file: Docker, Kubernetes, Vault Agent and SOPS all end there. Rotation replaces the file (Kubernetes swaps a
// symbolic link), so its identity is looked at again, at most once a second, when someone asks for the secret.

/* eslint-disable security/detect-non-literal-fs-filename -- the path is the configuration's */

import { readFileSync, statSync } from 'node:fs';

const CHECK_EVERY_MS = 1000;

type Options = {
  /** Taken while there is no file. Without it a missing file is an error, at start only. */
  readonly fallback?: string | undefined;
  /** Milliseconds of a clock that never goes back. */
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
 * The newest text of the file, without its last line break. A file that later vanishes or can't be read keeps its last text:
 * a rotation in progress must not take a running process down.
 * @throws the error of the file system, or 'the secret file is empty', when the first reading fails and there is no fallback
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
