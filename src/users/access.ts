// Who may read and change a user. The account of another user gets the same error as a missing one, so that ids can't be probed.

import type { Principal } from '../auth/principal.ts';
import { CodedError } from '../errors/coded-error.ts';
import { UserError } from './errors.ts';
import type { UserId } from './user.ts';

const owns = ({ kind, subject }: Principal, id: UserId): boolean => kind === 'user' && subject === id;

export const userNotFound = (): UserError => new UserError('USER_NOT_FOUND', 'There is no such user.');

/** The same response. Its cause, which no caller sees, is for the audit log. */
export const accessDenied = (): UserError =>
  new UserError('USER_NOT_FOUND', 'There is no such user.', {
    cause: new CodedError('ACCESS_DENIED', 'The account is not the caller’s.'),
  });

/** @throws UserError USER_NOT_FOUND unless it is the caller's own account or the caller has the scope `users:read` */
export const assertMayRead = (principal: Principal, id: UserId): void => {
  if (!owns(principal, id) && !principal.scopes.has('users:read')) throw accessDenied();
};

/** @throws UserError USER_NOT_FOUND unless it is the caller's own account */
export const assertMayChange = (principal: Principal, id: UserId): void => {
  if (!owns(principal, id)) throw accessDenied();
};
