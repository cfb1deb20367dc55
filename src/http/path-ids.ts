// Ids in paths. Text that is no UUID is treated as an id that does not exist: 404, so that responses reveal nothing about ids.

import { orderNotFound } from '../orders/access.ts';
import type { OrderId } from '../orders/order.ts';
import { userNotFound } from '../users/access.ts';
import type { UserId } from '../users/user.ts';
import { isUuid } from '../uuid/uuid.ts';

const toId = (text: string, notFound: () => Error): string => {
  const id = text.toLowerCase();
  if (!isUuid(id)) throw notFound();
  return id;
};

/** @throws UserError USER_NOT_FOUND */
export const toUserId = (text: string): UserId => toId(text, userNotFound);

/** @throws OrderError ORDER_NOT_FOUND */
export const toOrderId = (text: string): OrderId => toId(text, orderNotFound);
