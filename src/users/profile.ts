// Validation of username, name and e-mail address. All faults of a profile are reported at once.

import type { Fault } from '../errors/coded-error.ts';
import { isEmail } from './email.ts';
import { UserError } from './errors.ts';

export type Profile = { readonly username: string; readonly name: string; readonly email: string };

const USERNAME = /^[A-Za-z0-9][A-Za-z0-9._-]{2,49}$/;
// Cc are the control characters, Cs lone surrogates
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

const isName = (name: string): boolean => {
  const { length } = Array.from(name);
  return length > 0 && length <= 100 && name.trim() === name && !UNPRINTABLE.test(name);
};

const RULES: Readonly<Record<keyof Profile, readonly [(text: string) => boolean, string]>> = {
  username: [
    (text) => USERNAME.test(text),
    'must have 3 to 50 letters, digits, dots, hyphens or underscores and begin with a letter or digit',
  ],
  name: [isName, 'must have 1 to 100 printable characters without leading or trailing whitespace'],
  email: [isEmail, 'must be an e-mail address such as ann@example.com'],
};

/** The faults of the fields that are given; an absent field has none. */
export const findProfileFaults = (profile: Partial<Profile>): Fault[] =>
  Object.entries(RULES).flatMap(([field, [isValid, detail]]) => {
    const text = profile[field as keyof Profile];
    return text === undefined || isValid(text) ? [] : [{ pointer: `/${field}`, detail }];
  });

/** @throws UserError USER_INPUT_INVALID with a fault per field */
export const assertNoFaults = (faults: readonly Fault[]): void => {
  if (faults.length > 0) throw new UserError('USER_INPUT_INVALID', 'Some fields are not valid.', { faults });
};
