import { CodedError } from '../errors/coded-error.ts';

export type OrderErrorCode =
  | 'ORDER_INPUT_INVALID' // one fault per field, all at once
  | 'ORDER_NOT_FOUND'
  | 'ORDERS_PAUSED' // an operator has switched them off
  | 'ORDER_NEEDS_USER'; // the caller is a service, which has no orders

/** A message about an order differs from the order: it is not from this service. Never a response of the API. */
export class OrderEventError extends CodedError<'ORDER_EVENT_MISMATCH'> {}

export class OrderError extends CodedError<OrderErrorCode> {}
