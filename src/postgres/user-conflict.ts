import { UserError } from '../users/errors.ts';
import { violatedConstraint } from './errors.ts';

const USERNAME = { code: 'USERNAME_TAKEN', sentence: 'The user name is taken.' } as const;
const EMAIL = { code: 'EMAIL_TAKEN', sentence: 'The e-mail address is taken.' } as const;

/** `…_key` are the constraints of the first migration, `…_lower_key` the indexes that ignore case. */
const TAKEN = new Map<string | undefined, typeof USERNAME | typeof EMAIL>([
  ['users_username_key', USERNAME],
  ['users_username_lower_key', USERNAME],
  ['users_email_key', EMAIL],
  ['users_email_lower_key', EMAIL],
]);

/** Which unique value of a user is someone else's; any other error as it is. */
export const toUserConflict = (error: unknown): unknown => {
  const taken = TAKEN.get(violatedConstraint(error));
  return taken === undefined ? error : new UserError(taken.code, taken.sentence, { cause: error });
};
