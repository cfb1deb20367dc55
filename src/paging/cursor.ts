// Keyset pagination: a cursor is the position after which the next page starts, as opaque text. It is not secret and needs no signature: a
// forged cursor only points to another position in the same list.

import type { Fault } from '../errors/coded-error.ts';
import { isUuid } from '../uuid/uuid.ts';

/** A position in a list that is sorted newest first; equal times are ordered by id. */
export type Position = { readonly at: Date; readonly id: string };

const CURSOR = /:(\d{1,16}):([0-9a-f-]{36})$/;

/** @param list name of the list, including its owner: a cursor is valid for exactly this list, e.g. `users` or `orders:<user id>` */
export const encodeCursor = (list: string, { at, id }: Position): string =>
  Buffer.from(`${list}:${at.getTime()}:${id}`).toString('base64url');

/** Undefined for any text that `encodeCursor` did not return for this list. */
export const decodeCursor = (list: string, text: string): Position | undefined => {
  const [, time, id = ''] = CURSOR.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  const position = { at: new Date(Number(time)), id };
  if (Number.isNaN(position.at.getTime()) || !isUuid(id)) return undefined;
  return encodeCursor(list, position) === text ? position : undefined;
};

export const INVALID_CURSOR: Fault = {
  pointer: '/cursor',
  detail: 'must be the nextCursor of an earlier page of this list',
};

type Page<T> = { readonly items: T[]; readonly nextCursor?: string };

/**
 * A page of at most `limit` items, and the cursor of the next page if there is one.
 * @param found the result of a query for `limit + 1` items: the extra item shows that a next page exists
 */
export const toPage = <T>(found: readonly T[], limit: number, cursorAfter: (last: T) => string): Page<T> => {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(found.length > limit && last !== undefined && { nextCursor: cursorAfter(last) }) };
};
