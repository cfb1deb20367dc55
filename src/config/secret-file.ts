// The reader of every file that is read again: passwords, keys, clients, certificates. Docker, Kubernetes, Vault Agent and SOPS can all provide a
// file. Rotation replaces it (Kubernetes swaps a symbolic link), so each use of the value checks whether the file has changed, at most once a
// second. New content is parsed before it is used: content that is not valid never replaces a valid value.

/* eslint-disable security/detect-non-literal-fs-filename -- the path is the configuration's */

import { constants, readFileSync, statSync, type Stats } from 'node:fs';

import { CodedError, codeOf } from '../errors/coded-error.ts';

const CHECK_EVERY_MS = 1000;
/** A file system may give two writes the same time of modification: a file that has just changed is read again. */
const SETTLED_AFTER_MS = 2000;

/** Why the content of a file cannot be used. A new object for each new content. `detail` never contains the content. */
export type ContentFault = { readonly detail: string };

/** A value that is read again. Calling it returns the newest valid value and never throws. */
export type SecretFile<T> = (() => T) & {
  /** Reads the file now, if it has changed. Without it, a value may be a second old. */
  readonly refresh: () => void;
  /** Undefined while the value is that of the file. */
  readonly fault: () => ContentFault | undefined;
  /** True while every account of the machine or container may read the file. */
  readonly isReadableByAll: () => boolean;
};

type Options<T> = {
  /** Throws a CodedError, whose message continues a sentence that begins with the name of the setting, when the text is not valid. */
  readonly parse: (text: string) => T;
  /** The text while there has not been a file yet. Without it, a file that is missing at the start is an error. */
  readonly fallback?: string | undefined;
  /** Content that is not valid at the start is a fault from then on, and the fallback is the value. Without it that is an error. */
  readonly startsWithFallback?: boolean;
  /** A file that every account may write is accepted. Default: it is refused, whatever it contains. */
  readonly mayBeWritableByAll?: boolean;
  /** A larger file is not read. Default: no limit. */
  readonly maxBytes?: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
};

/** On Windows, the mode says nothing about other accounts. */
const modeOf = ({ mode }: Stats): number => (process.platform === 'win32' ? 0 : mode);
const isWritableByAll = (stats: Stats): boolean => (modeOf(stats) & constants.S_IWOTH) !== 0;

const identityOf = ({ ino, size, mtimeMs, ctimeMs }: Stats): string => `${ino}:${size}:${mtimeMs}:${ctimeMs}`;

/** Only a CodedError has a message without content: those of parsers and of OpenSSL quote what they read. */
const detailOf = (error: unknown, path: string): string => {
  if (error instanceof CodedError) return error.message;
  const code = codeOf(error);
  return code === undefined || code.startsWith('ERR_')
    ? 'has content that is not valid'
    : `cannot be read from ${path} (${code})`;
};

type Held<T> = { readonly text: string; readonly value: T };

/**
 * The parsed content of a file, without its last line break. While the file is missing, empty or not valid, the last valid value stays in use.
 * @throws CodedError SECRET_INVALID when there is no valid content at the start; its message continues a sentence that begins with the name
 */
export const makeSecretFile = <T>(path: string, options: Options<T>): SecretFile<T> => {
  const { parse, fallback, startsWithFallback = false, mayBeWritableByAll = false } = options;
  const { maxBytes = Infinity, now = () => performance.now() } = options;
  let identity: string | undefined;
  let isExposed = false;
  let refused: { readonly text: string | undefined; readonly fault: ContentFault } | undefined;

  const read = (known: Held<T> | undefined, onText: (text: string) => void): Held<T> => {
    const stats = statSync(path);
    if (known !== undefined && identityOf(stats) === identity) return known;
    isExposed = (modeOf(stats) & constants.S_IROTH) !== 0;
    if (!mayBeWritableByAll && isWritableByAll(stats))
      throw new CodedError('SECRET_INVALID', `must not be writable by every account: chmod o-w ${path}`);
    if (stats.size > maxBytes) throw new CodedError('SECRET_INVALID', `is larger than ${maxBytes} bytes`);
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    onText(text);
    if (text.trim() === '') throw new CodedError('SECRET_INVALID', `is an empty file: ${path}`);
    const next = text === known?.text ? known : { text, value: parse(text) };
    identity = Date.now() - stats.mtimeMs > SETTLED_AFTER_MS ? identityOf(stats) : 'not settled';
    return next;
  };
  /** A file that never was there is not a fault when there is a fallback. */
  const isFallback = (error: unknown): boolean =>
    fallback !== undefined && identity === undefined && codeOf(error) === 'ENOENT';

  const refuse = (error: unknown, text: string | undefined): void => {
    const detail = detailOf(error, path);
    if (refused?.text !== text || refused?.fault.detail !== detail) refused = { text, fault: { detail } };
  };

  const start = (): Held<T> => {
    let text: string | undefined;
    try {
      return read(undefined, (found) => (text = found));
    } catch (error) {
      if (fallback === undefined || !(startsWithFallback || isFallback(error)))
        throw new CodedError('SECRET_INVALID', detailOf(error, path), { cause: error });
      if (!isFallback(error)) refuse(error, text);
      return { text: fallback, value: parse(fallback) };
    }
  };
  let held = start();
  let checkedAt = now();

  const refresh = (): void => {
    checkedAt = now();
    let text: string | undefined;
    try {
      held = read(held, (found) => (text = found));
      refused = undefined;
    } catch (error) {
      if (isFallback(error)) refused = undefined;
      else refuse(error, text);
    }
  };
  const refreshIfDue = (): void => {
    if (now() - checkedAt >= CHECK_EVERY_MS) refresh();
  };

  const current = (): T => {
    refreshIfDue();
    return held.value;
  };
  const fault = (): ContentFault | undefined => {
    refreshIfDue();
    return refused?.fault;
  };
  return Object.assign(current, { refresh, fault, isReadableByAll: () => isExposed });
};
