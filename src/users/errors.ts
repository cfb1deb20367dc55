import { CodedError } from '../errors/coded-error.ts';

export type UserErrorCode =
  | 'USER_INPUT_INVALID' // one fault per field, all at once
  | 'USERNAME_TAKEN'
  | 'EMAIL_TAKEN'
  | 'USER_NOT_FOUND'
  | 'USER_VERSION_STALE'; // someone changed the user since the caller read it

export class UserError extends CodedError<UserErrorCode> {}
