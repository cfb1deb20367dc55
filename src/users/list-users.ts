import type { UserDirectory, UserPosition } from './ports.ts';
import { toUserRepresentation, type UserRepresentation } from './user-representation.ts';

type Page = { readonly limit: number; readonly after?: UserPosition };

/** Newest first. One user more than asked for is read, only to know whether there is a next page. */
export const makeListUsers =
  ({ directory }: { directory: UserDirectory }) =>
  async ({ limit, after }: Page): Promise<{ users: UserRepresentation[]; next?: UserPosition }> => {
    const found = await directory.list({ limit: limit + 1, ...(after && { after }) });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const next = found.length > limit && last !== undefined ? { createdAt: last.createdAt, id: last.id } : undefined;
    return { users: page.map(toUserRepresentation), ...(next && { next }) };
  };
