import { UserError } from '../users/errors.ts';
import type { UserId } from '../users/user.ts';
import { isUuid } from '../uuid/uuid.ts';

/** Text that is no id is an id that nobody has: 404, so that the answer tells nothing apart. @throws UserError USER_NOT_FOUND */
export const toUserId = (text: string): UserId => {
  const id = text.toLowerCase();
  if (!isUuid(id)) throw new UserError('USER_NOT_FOUND', 'There is no such user.');
  return id;
};
