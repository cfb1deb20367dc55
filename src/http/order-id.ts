import { orderNotFound } from '../orders/access.ts';
import type { OrderId } from '../orders/order.ts';
import { isUuid } from '../uuid/uuid.ts';

/** Text that is no id is an id that no order has: 404, so that the answer tells nothing apart. @throws OrderError ORDER_NOT_FOUND */
export const toOrderId = (text: string): OrderId => {
  const id = text.toLowerCase();
  if (!isUuid(id)) throw orderNotFound();
  return id;
};
