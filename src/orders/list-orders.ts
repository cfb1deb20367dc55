import type { Principal } from '../auth/principal.ts';
import { decodeCursor, encodeCursor, INVALID_CURSOR, toPage, type Position } from '../paging/cursor.ts';
import type { UserId } from '../users/user.ts';
import { ownerOf } from './access.ts';
import { OrderError } from './errors.ts';
import { toOrderRepresentation, type OrderRepresentation } from './order-representation.ts';
import type { OrderReader } from './ports.ts';

type Page = { readonly limit: number; readonly cursor?: string };

const listOf = (userId: UserId): string => `orders:${userId}`;

const positionOf = (userId: UserId, cursor: string): Position => {
  const position = decodeCursor(listOf(userId), cursor);
  if (position !== undefined) return position;
  throw new OrderError('ORDER_INPUT_INVALID', 'The cursor does not belong to this list.', { faults: [INVALID_CURSOR] });
};

/**
 * The caller's own orders, newest first.
 * @throws OrderError ORDER_NEEDS_USER | ORDER_INPUT_INVALID for a cursor of another list or user
 */
export const makeListOrders =
  ({ orders }: { orders: Pick<OrderReader, 'list'> }) =>
  async (
    principal: Principal,
    { limit, cursor }: Page,
  ): Promise<{ orders: OrderRepresentation[]; nextCursor?: string }> => {
    const userId = ownerOf(principal);
    const after = cursor === undefined ? undefined : positionOf(userId, cursor);
    const found = await orders.list(userId, { limit: limit + 1, ...(after && { after }) });
    const { items, ...next } = toPage(found, limit, ({ placedAt, id }) =>
      encodeCursor(listOf(userId), { at: placedAt, id }),
    );
    return { orders: items.map(toOrderRepresentation), ...next };
  };

export type ListOrders = ReturnType<typeof makeListOrders>;
