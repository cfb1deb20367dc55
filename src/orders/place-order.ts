import type { Principal } from '../auth/principal.ts';
import type { Idempotent, Outcome, Refusal } from '../idempotency/ports.ts';
import type { UserId } from '../users/user.ts';
import { newUuid } from '../uuid/uuid.ts';
import { ownerOf } from './access.ts';
import { orderPlaced } from './events.ts';
import { toOrderRepresentation, type OrderRepresentation } from './order-representation.ts';
import { assertOrderInput, type OrderInput } from './order-input.ts';
import type { Order, OrderId } from './order.ts';
import { OrderError } from './errors.ts';
import type { AcceptsOrders, OrderTelemetry, OrderPlacementStore, OrderReader } from './ports.ts';

type Deps = {
  readonly placements: OrderPlacementStore;
  readonly orders: Pick<OrderReader, 'find'>;
  readonly idempotent: Idempotent;
  readonly acceptsOrders: AcceptsOrders;
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

/** Amount and currency never change, so the first response can be built again from the order, whatever was decided since. */
const asPlaced = (order: Order): OrderRepresentation =>
  toOrderRepresentation({ ...order, status: 'placed', decidedAt: undefined, rejectionReason: undefined });

/** Long enough that clients do not add load to whatever is being repaired. */
const RETRY_AFTER_SECONDS = 30;

const paused = (): OrderError =>
  new OrderError('ORDERS_PAUSED', 'New orders are not accepted at the moment. None was placed.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });

type Placed = OrderRepresentation & { readonly id: OrderId };

/**
 * Accepts the order; `decideOrder` confirms or rejects it later. Keys are per user: two users may use the same one.
 * @throws OrderError ORDER_NEEDS_USER | ORDER_INPUT_INVALID (all fields at once)
 * @throws OrderError ORDERS_PAUSED when no order of this key was accepted before
 * @throws UserError USER_NOT_FOUND when the caller was erased
 * @throws IdempotencyError IDEMPOTENCY_KEY_REUSED
 * @throws Unavailable STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makePlaceOrder = ({ placements, orders, idempotent, acceptsOrders, telemetry, now }: Deps) => {
  const place = async (userId: UserId, input: OrderInput, keyHash?: Buffer): Promise<Placed> => {
    if (!(await acceptsOrders(userId))) throw paused();
    const order = newOrder(userId, input, now());
    await placements.insert({ order, event: orderPlaced(order), keyHash });
    telemetry.orderPlaced({ orderId: order.id, userId });
    return { id: order.id, ...toOrderRepresentation(order) };
  };

  const replay = async (
    userId: UserId,
    input: OrderInput,
    { id }: Outcome,
    { reused }: Refusal,
  ): Promise<Placed | undefined> => {
    const order = await orders.find(userId, id);
    if (order === undefined) return undefined; // the user was erased since
    if (order.amountMinor !== input.amountMinor || order.currency !== input.currency) throw reused();
    return { id, ...asPlaced(order) };
  };

  return async (
    principal: Principal,
    input: OrderInput,
    key?: string,
  ): Promise<{ id: OrderId; representation: OrderRepresentation }> => {
    const userId = ownerOf(principal);
    assertOrderInput(input);

    const { id, ...representation } = await idempotent({
      operation: `place-order ${userId}`,
      key,
      request: input,
      work: (keyHash) => place(userId, input, keyHash),
      replay: (outcome, refusal) => replay(userId, input, outcome, refusal),
    });
    return { id, representation };
  };
};

export type PlaceOrder = ReturnType<typeof makePlaceOrder>;
