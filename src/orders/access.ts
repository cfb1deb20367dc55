// Orders are private: who placed one sees it, nobody else does. Someone else's order answers exactly as a missing one.

import type { Principal } from '../auth/principal.ts';
import type { UserId } from '../users/user.ts';
import { OrderError } from './errors.ts';

export const orderNotFound = (): OrderError => new OrderError('ORDER_NOT_FOUND', 'There is no such order.');

/**
 * Whose orders the caller may place and see: their own.
 * @throws OrderError ORDER_NEEDS_USER for a service, whichever its scopes
 */
export const ownerOf = ({ kind, subject }: Principal): UserId => {
  if (kind !== 'user') throw new OrderError('ORDER_NEEDS_USER', 'Orders belong to users; a service has none.');
  return subject;
};
