import type { DecodedEvent } from '../messaging/codec.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import { isUuid } from '../uuid/uuid.ts';
import type { HandleEvent } from './consume.ts';

/** An order to decide, with validated values. */
export type OrderToDecide = {
  readonly eventId: string;
  readonly orderId: string;
  readonly userId: string;
  /** Integer minor units of the currency, at least 1. */
  readonly amountMinor: number;
  /** ISO 4217, three capital letters. */
  readonly currency: string;
};

type Deps = { readonly decideOrder: (order: OrderToDecide) => Promise<unknown> };

const forbidden = (): MessagingError =>
  new MessagingError('EVENT_FORBIDDEN', 'The event holds a value that the service rejects.');

const uuid = (value: unknown): string => {
  if (typeof value === 'string' && isUuid(value)) return value;
  throw forbidden();
};

const amount = (value: unknown): number => {
  if (Number.isSafeInteger(value) && Number(value) > 0) return Number(value);
  throw forbidden();
};

const currencyCode = (value: unknown): string => {
  if (typeof value === 'string' && /^[A-Z]{3}$/.test(value)) return value;
  throw forbidden();
};

/** A schema defines the type of a field, not its valid values: they are validated here, as a route validates a body. */
const toOrder = ({ payload }: DecodedEvent): OrderToDecide => ({
  eventId: uuid(payload.eventId),
  orderId: uuid(payload.orderId),
  userId: uuid(payload.userId),
  amountMinor: amount(payload.amountMinor),
  currency: currencyCode(payload.currency),
});

/** @throws MessagingError EVENT_FORBIDDEN, and what `decideOrder` throws */
export const makeOrderPlacedHandler =
  ({ decideOrder }: Deps): HandleEvent =>
  async (event) => {
    await decideOrder(toOrder(event));
  };
