import type { Principal } from '../auth/principal.ts';
import { ownerOf } from './access.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { toOrderRepresentation, type OrderRepresentation } from './order-representation.ts';
import type { OrderReader } from './ports.ts';

type Page = { readonly limit: number; readonly cursor?: string };

/**
 * One's own, newest first. One order more than asked for is read, only to know whether there is a next page.
 * @throws OrderError ORDER_NEEDS_USER | ORDER_INPUT_INVALID for a cursor of another list or user
 */
export const makeListOrders =
  ({ orders }: { orders: Pick<OrderReader, 'list'> }) =>
  async (
    principal: Principal,
    { limit, cursor }: Page,
  ): Promise<{ orders: OrderRepresentation[]; nextCursor?: string }> => {
    const userId = ownerOf(principal);
    const after = cursor === undefined ? undefined : decodeCursor(userId, cursor);
    const found = await orders.list(userId, { limit: limit + 1, ...(after && { after }) });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = found.length > limit && last !== undefined ? encodeCursor(userId, last) : undefined;
    return { orders: page.map(toOrderRepresentation), ...(nextCursor !== undefined && { nextCursor }) };
  };
