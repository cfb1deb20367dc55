import { takenError, type TakenCode } from '../../users/errors.ts';
import { violatedConstraint } from '../errors.ts';

/** `…_key` are the constraints of the first migration, `…_lower_key` the indexes that ignore case. */
const TAKEN = new Map<string | undefined, TakenCode>([
  ['users_username_key', 'USERNAME_TAKEN'],
  ['users_username_lower_key', 'USERNAME_TAKEN'],
  ['users_email_key', 'EMAIL_TAKEN'],
  ['users_email_lower_key', 'EMAIL_TAKEN'],
]);

/** The error for a unique value that another user has; any other error unchanged. */
export const toUserConflict = (error: unknown): unknown => {
  const code = TAKEN.get(violatedConstraint(error));
  return code === undefined ? error : takenError(code, { cause: error });
};

export const isUserConflict = (error: unknown): boolean => TAKEN.has(violatedConstraint(error));
