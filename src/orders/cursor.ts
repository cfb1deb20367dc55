// Where a page ended, as opaque text. It names the list and the user that it belongs to: a cursor of another list or of somebody else is
// refused, not misread. It is no secret and needs no signature: a made-up one only points to another place in one's own list.

import type { UserId } from '../users/user.ts';
import { isUuid } from '../uuid/uuid.ts';
import { OrderError } from './errors.ts';
import type { OrderPosition } from './ports.ts';

const KIND = 'orders';
const CURSOR = /^orders:[0-9a-f-]{36}:(\d{1,16}):([0-9a-f-]{36})$/;

export const encodeCursor = (userId: UserId, { placedAt, id }: OrderPosition): string =>
  Buffer.from(`${KIND}:${userId}:${placedAt.getTime()}:${id}`).toString('base64url');

const invalid = (): OrderError =>
  new OrderError('ORDER_INPUT_INVALID', 'The cursor is not one of this list.', {
    faults: [{ pointer: '/cursor', detail: 'must be the nextCursor of an earlier page of this list' }],
  });

/** @throws OrderError ORDER_INPUT_INVALID for anything that `encodeCursor` did not make for this user */
export const decodeCursor = (userId: UserId, text: string): OrderPosition => {
  const [, time, id = ''] = CURSOR.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  const placedAt = new Date(Number(time));
  if (Number.isNaN(placedAt.getTime()) || !isUuid(id)) throw invalid();
  if (encodeCursor(userId, { placedAt, id }) !== text) throw invalid();
  return { placedAt, id };
};
