import { CodedError } from '../errors/coded-error.ts';

export type IdempotencyErrorCode =
  | 'IDEMPOTENCY_KEY_REUSED' // the same key was used with another request
  | 'IDEMPOTENCY_KEY_IN_USE'; // a concurrent duplicate was written first: look up its outcome

export class IdempotencyError extends CodedError<IdempotencyErrorCode> {}
