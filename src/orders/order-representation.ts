import type { Order } from './order.ts';

/** An order in its published form: the JSON text that the API serves, and the version that its ETag is made of. */
export type OrderRepresentation = { readonly version: number; readonly json: string };

/** An order changes once: when it is decided. */
const versionOf = ({ status }: Order): number => (status === 'placed' ? 1 : 2);

/** Which fields of an order are published, and in which order. What is not known yet is absent. */
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
