import type { Principal } from '../auth/principal.ts';
import type { Idempotent } from '../idempotency/ports.ts';
import type { UserId } from '../users/user.ts';
import { newUuid } from '../uuid/uuid.ts';
import { ownerOf } from './access.ts';
import { orderPlaced } from './events.ts';
import { toOrderRepresentation, type OrderRepresentation } from './order-representation.ts';
import { assertOrderInput, type OrderInput } from './order-input.ts';
import type { Order, OrderId } from './order.ts';
import type { OrderTelemetry, OrderPlacementStore } from './ports.ts';

type Deps = {
  readonly placements: OrderPlacementStore;
  readonly idempotent: Idempotent;
  readonly telemetry: Pick<OrderTelemetry, 'orderPlaced'>;
  readonly now: () => Date;
};

const newOrder = (userId: UserId, { amountMinor, currency }: OrderInput, now: Date): Order => ({
  id: newUuid(now),
  userId,
  amountMinor,
  currency,
  status: 'placed',
  placedAt: now,
  decidedAt: undefined,
  rejectionReason: undefined,
});

/**
 * Accepts the order; `decideOrder` confirms or rejects it later. Keys are per user: two users may use the same one.
 * @throws OrderError ORDER_NEEDS_USER | ORDER_INPUT_INVALID (all fields at once)
 * @throws UserError USER_NOT_FOUND when the caller was erased
 * @throws IdempotencyError IDEMPOTENCY_KEY_REUSED
 * @throws Unavailable STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makePlaceOrder =
  ({ placements, idempotent, telemetry, now }: Deps) =>
  async (
    principal: Principal,
    input: OrderInput,
    key?: string,
  ): Promise<{ id: OrderId; representation: OrderRepresentation }> => {
    const userId = ownerOf(principal);
    assertOrderInput(input);

    const { id, ...representation } = await idempotent(
      { operation: `place-order ${userId}`, key, request: input },
      async (identity) => {
        const order = newOrder(userId, input, now());
        const result = { id: order.id, ...toOrderRepresentation(order) };
        const idempotency = identity && { ...identity, outcome: { kind: 'done' as const, ...result } };
        await placements.insert({ order, event: orderPlaced(order), ...(idempotency && { idempotency }) });
        telemetry.orderPlaced({ orderId: order.id, userId });
        return result;
      },
    );
    return { id, representation };
  };

export type PlaceOrder = ReturnType<typeof makePlaceOrder>;
