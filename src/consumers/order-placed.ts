import { MessagingError } from '../messaging/messaging-error.ts';
import { isUuid } from '../uuid/uuid.ts';
import type { HandleEvent } from './consume.ts';
import type { DecodedEvent } from '../messaging/codec.ts';

/** What has to be decided, as plain valid values. */
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
  new MessagingError('EVENT_FORBIDDEN', 'The event holds a value that is refused.');

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

/** A schema says what a field is, not what is sensible: that is looked at here, as a route does with a body. */
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
