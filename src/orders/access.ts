// Only the user who placed an order may read it. The order of another user gets the same error as a missing one.

import type { Principal } from '../auth/principal.ts';
import type { UserId } from '../users/user.ts';
import { OrderError } from './errors.ts';

export const orderNotFound = (): OrderError => new OrderError('ORDER_NOT_FOUND', 'There is no such order.');

/**
 * The user whose orders the caller may place and read: the caller itself.
 * @throws OrderError ORDER_NEEDS_USER for a service, whatever its scopes
 */
export const ownerOf = ({ kind, subject }: Principal): UserId => {
  if (kind !== 'user') throw new OrderError('ORDER_NEEDS_USER', 'Orders belong to users; a service has none.');
  return subject;
};
