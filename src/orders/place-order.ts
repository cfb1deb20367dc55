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

/** Nothing about an order is refused for good once its input is valid: only what was done is kept under a key. */
const refusals = {
  toCode: (): undefined => undefined,
  toError: (code: string): Error => new Error(`A kept refusal has the unknown code ${code}.`),
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
 * Takes the order in; whether it is confirmed is decided later, by `decideOrder`. A key is the caller's own: two users may have the same.
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
  ): Promise<{ id: OrderId; document: OrderRepresentation }> => {
    const userId = ownerOf(principal);
    assertOrderInput(input);

    const document = await idempotent(
      { operation: `place-order ${userId}`, key, request: input, refusals },
      async (identity) => {
        const order = newOrder(userId, input, now());
        const result = toOrderRepresentation(order);
        const idempotency = identity && { ...identity, outcome: { kind: 'done' as const, ...result } };
        await placements.insert({ order, event: orderPlaced(order), ...(idempotency && { idempotency }) });
        telemetry.orderPlaced({ orderId: order.id, userId });
        return result;
      },
    );
    const { id } = JSON.parse(document.json) as { id: OrderId };
    return { id, document };
  };
