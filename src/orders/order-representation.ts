import type { Order } from './order.ts';

/** The JSON text of an order that the API sends, and the version in its ETag. */
export type OrderRepresentation = { readonly version: number; readonly json: string };

/** An order changes once, when it is decided. */
const versionOf = ({ status }: Order): number => (status === 'placed' ? 1 : 2);

/** Which fields of an order are published, and in which order. Values that are not known yet are absent. */
export const toOrderRepresentation = (order: Order): OrderRepresentation => ({
  version: versionOf(order),
  json: JSON.stringify({
    id: order.id,
    status: order.status,
    amountMinor: order.amountMinor,
    currency: order.currency,
    placedAt: order.placedAt.toISOString(),
    decidedAt: order.decidedAt?.toISOString(),
    rejectionReason: order.rejectionReason,
  }),
});
