import { CodedError } from '../errors/coded-error.ts';

/** Too many attempts; `retryAfterSeconds` says when the next one is allowed. */
export class LimitError extends CodedError<'RATE_LIMITED'> {
  constructor(retryAfterSeconds: number) {
    super('RATE_LIMITED', 'Too many attempts.', { retryAfterSeconds });
  }
}
