// Validation of username, name and e-mail address. All faults of a profile are reported at once.

import type { Fault } from '../errors/coded-error.ts';
import { DISPLAY_NAME_RULE, isDisplayName } from './display-name.ts';
import { isEmail } from './email.ts';
import { UserError } from './errors.ts';

export type Profile = { readonly username: string; readonly name: string; readonly email: string };

const USERNAME = /^[A-Za-z0-9][A-Za-z0-9._-]{2,49}$/;

const RULES: Readonly<Record<keyof Profile, readonly [(text: string) => boolean, string]>> = {
  username: [
    (text) => USERNAME.test(text),
    'must have 3 to 50 letters, digits, dots, hyphens or underscores and begin with a letter or digit',
  ],
  name: [isDisplayName, DISPLAY_NAME_RULE],
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
