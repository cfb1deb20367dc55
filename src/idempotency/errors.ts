import { CodedError } from '../errors/coded-error.ts';

export type IdempotencyErrorCode =
  | 'IDEMPOTENCY_KEY_REUSED' // the same key was used with another request
  | 'IDEMPOTENCY_KEY_IN_USE'; // a concurrent duplicate was written first: look up its outcome

export class IdempotencyError extends CodedError<IdempotencyErrorCode> {}

/** For a call whose request is not that of the first call with its key. */
export const keyReused = (): IdempotencyError =>
  new IdempotencyError('IDEMPOTENCY_KEY_REUSED', 'This key was already used with another request.');
