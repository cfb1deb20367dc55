import { decodeCursor, encodeCursor, INVALID_CURSOR, toPage, type Position } from '../paging/cursor.ts';
import { UserError } from './errors.ts';
import type { UserDirectory, UserTelemetry } from './ports.ts';
import { toUserRepresentation, type UserRepresentation } from './user-representation.ts';
import type { User } from './user.ts';

type Page = { readonly limit: number; readonly cursor?: string };

const LIST = 'users';

const positionOf = (cursor: string): Position => {
  const position = decodeCursor(LIST, cursor);
  if (position !== undefined) return position;
  throw new UserError('USER_INPUT_INVALID', 'The cursor does not belong to this list.', { faults: [INVALID_CURSOR] });
};

const cursorAfter = ({ createdAt, id }: User): string => encodeCursor(LIST, { at: createdAt, id });

/**
 * All users, newest first.
 * @throws UserError USER_INPUT_INVALID for a cursor of another list
 */
export const makeListUsers =
  ({ directory, telemetry }: { directory: UserDirectory; telemetry: Pick<UserTelemetry, 'usersListed'> }) =>
  async ({ limit, cursor }: Page): Promise<{ users: UserRepresentation[]; nextCursor?: string }> => {
    const after = cursor === undefined ? undefined : positionOf(cursor);
    const found = await directory.list({ limit: limit + 1, ...(after && { after }) });
    const { items, ...next } = toPage(found, limit, cursorAfter);
    telemetry.usersListed({ count: items.length });
    return { users: items.map(toUserRepresentation), ...next };
  };

export type ListUsers = ReturnType<typeof makeListUsers>;
