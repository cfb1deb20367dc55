import { CodedError, type ErrorDetails } from './coded-error.ts';

/** What a port throws when the part behind it is down, too slow, or has no place left. */
export type UnavailableCode =
  | 'STORE_UNAVAILABLE' // no connection to the database, or none free in time
  | 'STORE_TIMEOUT' // the statement or lock took longer than its budget and was cancelled
  | 'HASHING_BUSY' // every place for password hashing is taken
  | 'PAYMENT_UNAVAILABLE'; // the payment provider is down or too slow; only workers ask it

export class Unavailable extends CodedError<UnavailableCode> {
  constructor(code: UnavailableCode, message: string, details: ErrorDetails = {}) {
    super(code, message, { retryAfterSeconds: 1, ...details });
  }
}
