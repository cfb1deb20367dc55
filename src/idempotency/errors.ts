import { CodedError } from '../errors/coded-error.ts';

export type IdempotencyErrorCode =
  | 'IDEMPOTENCY_KEY_REUSED' // the same key came with another request
  | 'IDEMPOTENCY_KEY_IN_USE'; // lost the race against a duplicate: look its outcome up

export class IdempotencyError extends CodedError<IdempotencyErrorCode> {}
