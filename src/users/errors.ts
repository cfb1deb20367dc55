import { CodedError } from '../errors/coded-error.ts';

export type UserErrorCode =
  | 'USER_INPUT_INVALID' // one fault per field, all at once
  | 'USERNAME_TAKEN'
  | 'EMAIL_TAKEN'
  | 'USER_NOT_FOUND'
  | 'USER_VERSION_STALE'; // someone changed the user since the caller read it

export class UserError extends CodedError<UserErrorCode> {}

export type TakenCode = 'USERNAME_TAKEN' | 'EMAIL_TAKEN';

const TAKEN: Readonly<Record<TakenCode, readonly [pointer: string, message: string]>> = {
  USERNAME_TAKEN: ['/username', 'This username is taken.'],
  EMAIL_TAKEN: ['/email', 'This e-mail address is taken.'],
};

/** Created when the database reports a unique violation. */
export const takenError = (code: TakenCode, details: { cause?: unknown } = {}): UserError => {
  // eslint-disable-next-line security/detect-object-injection -- the type has two codes
  const [pointer, message] = TAKEN[code];
  return new UserError(code, message, { ...details, faults: [{ pointer, detail: 'is taken' }] });
};
