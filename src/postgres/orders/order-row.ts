import type { Order, OrderStatus, RejectionReason } from '../../orders/order.ts';

export type OrderRow = {
  readonly id: string;
  readonly user_id: string;
  /** pg returns a bigint as text. The domain's limit keeps it exact as a number. */
  readonly amount_minor: string;
  readonly currency: string;
  readonly status: OrderStatus;
  readonly placed_at: Date;
  readonly decided_at: Date | null;
  readonly rejection_reason: RejectionReason | null;
};

export const toOrder = (row: OrderRow): Order => ({
  id: row.id,
  userId: row.user_id,
  amountMinor: Number(row.amount_minor),
  currency: row.currency,
  status: row.status,
  placedAt: row.placed_at,
  decidedAt: row.decided_at ?? undefined,
  rejectionReason: row.rejection_reason ?? undefined,
});
