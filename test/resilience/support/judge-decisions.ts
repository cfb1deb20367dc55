import type { PlacedOrder } from './place-orders.ts';
import type { SeenEvent } from './read-events.ts';

/** Counts the different decisions of each order. The same event may have been delivered twice. */
export const judgeDecisions = (orders: readonly PlacedOrder[], events: readonly SeenEvent[]) => {
  const decisions = new Map<string, Set<string>>();
  for (const { id, key, type } of events) {
    if (type === 'OrderConfirmed' || type === 'OrderRejected')
      decisions.set(key, (decisions.get(key) ?? new Set()).add(id));
  }
  const counts = orders.map(({ orderId }) => decisions.get(orderId)?.size ?? 0);
  return {
    undecided: counts.filter((count) => count === 0).length,
    decidedTwice: counts.filter((count) => count > 1).length,
  };
};
