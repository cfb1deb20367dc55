// Where a page ended, as opaque text. It is no secret and needs no signature: a made-up one only points to another place in the list.

import { UserError } from './errors.ts';
import type { UserPosition } from './ports.ts';
import { isUuid } from '../uuid/uuid.ts';

/** Says which query the cursor belongs to; a cursor of another one is refused, not misread. */
const KIND = 'users';
const CURSOR = /^users:(\d{1,16}):([0-9a-f-]{36})$/;

export const encodeCursor = ({ createdAt, id }: UserPosition): string =>
  Buffer.from(`${KIND}:${createdAt.getTime()}:${id}`).toString('base64url');

const invalid = (): UserError =>
  new UserError('USER_INPUT_INVALID', 'The cursor is not one of this list.', {
    faults: [{ pointer: '/cursor', detail: 'must be the nextCursor of an earlier page of this list' }],
  });

/** @throws UserError USER_INPUT_INVALID for anything that `encodeCursor` did not make */
export const decodeCursor = (text: string): UserPosition => {
  const [, time, id = ''] = CURSOR.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  const createdAt = new Date(Number(time));
  if (Number.isNaN(createdAt.getTime()) || !isUuid(id)) throw invalid();
  if (encodeCursor({ createdAt, id }) !== text) throw invalid();
  return { createdAt, id };
};
