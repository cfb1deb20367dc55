import { CodedError, type ErrorDetails } from './coded-error.ts';

/** Thrown by a port when the dependency behind it is down, too slow, or at capacity. */
export type UnavailableCode =
  | 'STORE_UNAVAILABLE' // no connection to the database, or none available in time
  | 'STORE_TIMEOUT' // the statement or lock exceeded its timeout and was cancelled
  | 'HASHING_BUSY' // password hashing is at capacity
  | 'PAYMENT_UNAVAILABLE'; // the payment provider is down or too slow; only the worker calls it

export class Unavailable extends CodedError<UnavailableCode> {
  constructor(code: UnavailableCode, message: string, details: ErrorDetails = {}) {
    super(code, message, { retryAfterSeconds: 1, ...details });
  }
}
