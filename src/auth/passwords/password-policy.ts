// NIST SP 800-63B section 3.1.1.2: length instead of composition rules, and a list of common passwords. The one policy of every operation that
// takes a new password.

import { AuthError } from '../errors.ts';
import type { Fault } from '../../errors/coded-error.ts';
import { COMMON_PASSWORDS } from './common-passwords.ts';
import type { PasswordOwner } from '../ports.ts';
import { isPersonal } from './personal-words.ts';

const MIN = 15;
const MAX = 128;
/** The minimum number of distinct characters. */
const MIN_DISTINCT = 5;
const RUNS = ['abcdefghijklmnopqrstuvwxyz', '0123456789', 'qwertyuiopasdfghjklzxcvbnm'];

/** The shortest prefix whose repetition gives `text`: "abcabcab" → "abc". */
const period = (text: string): string => {
  for (let length = 1; length <= text.length / 2; length += 1) {
    const piece = text.slice(0, length);
    if (piece.repeat(Math.ceil(text.length / length)).startsWith(text)) return piece;
  }
  return text;
};

const isRun = (text: string): boolean => {
  const backwards = Array.from(text).reverse().join('');
  return (
    text.length > 3 &&
    RUNS.some((run) => `${run}${run}${run}`.includes(text) || `${run}${run}${run}`.includes(backwards))
  );
};

/** The text without digits, punctuation and whitespace. */
const core = (text: string): string => text.replaceAll(/[\d\W_]/g, '');

const isCommon = (text: string): boolean => {
  const piece = period(text);
  const letters = period(core(text));
  return [text, piece, letters].some((candidate) => COMMON_PASSWORDS.has(candidate) || isRun(candidate));
};

/** The same password for the hasher, which normalizes as well. */
const isSame = (a: string, b: string): boolean => a.normalize('NFC') === b.normalize('NFC');

const findDetail = (password: string, owner: PasswordOwner, oldPassword: string | undefined): string | undefined => {
  const normal = password.normalize('NFC');
  const { length } = Array.from(normal); // code points, as NIST counts
  if (length < MIN || length > MAX)
    return `must have ${MIN} to ${MAX} characters; several unrelated words are easy to remember`;
  if (!normal.isWellFormed() || normal.includes('\0')) return 'must be text without NUL characters';
  const folded = normal.toLowerCase();
  if (new Set(folded).size < MIN_DISTINCT || isCommon(folded))
    return 'is a common or predictable password; choose several unrelated words';
  if (isPersonal(normal, owner)) return 'must not consist mainly of your name, username or e-mail address';
  return oldPassword !== undefined && isSame(password, oldPassword) ? 'must not be the old password' : undefined;
};

/**
 * The faults of a new password; empty when it is acceptable.
 * @param pointer JSON Pointer of the password field
 * @param oldPassword the one that it replaces
 */
export const findPasswordFaults = (
  password: string,
  pointer: string,
  owner: PasswordOwner,
  oldPassword?: string,
): Fault[] => {
  const detail = findDetail(password, owner, oldPassword);
  return detail === undefined ? [] : [{ pointer, detail }];
};

/** @throws AuthError PASSWORD_UNACCEPTABLE */
export const assertPasswordAcceptable = (...password: Parameters<typeof findPasswordFaults>): void => {
  const faults = findPasswordFaults(...password);
  if (faults.length > 0) throw new AuthError('PASSWORD_UNACCEPTABLE', 'This password is not accepted.', { faults });
};
