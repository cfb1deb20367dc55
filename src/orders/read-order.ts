import type { Principal } from '../auth/principal.ts';
import { orderNotFound, ownerOf } from './access.ts';
import { toOrderRepresentation, type OrderRepresentation } from './order-representation.ts';
import type { OrderId } from './order.ts';
import type { OrderReader } from './ports.ts';

/** @throws OrderError ORDER_NEEDS_USER | ORDER_NOT_FOUND for an unknown id or an order of another user */
export const makeReadOrder =
  ({ orders }: { orders: Pick<OrderReader, 'find'> }) =>
  async (principal: Principal, id: OrderId): Promise<OrderRepresentation> => {
    const order = await orders.find(ownerOf(principal), id);
    if (order === undefined) throw orderNotFound();
    return toOrderRepresentation(order);
  };

export type ReadOrder = ReturnType<typeof makeReadOrder>;
