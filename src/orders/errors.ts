import { CodedError } from '../errors/coded-error.ts';

export type OrderErrorCode =
  | 'ORDER_INPUT_INVALID' // one fault per field, all at once
  | 'ORDER_NOT_FOUND'
  | 'ORDER_NEEDS_USER'; // the caller is a service, which has no orders

export class OrderError extends CodedError<OrderErrorCode> {}
