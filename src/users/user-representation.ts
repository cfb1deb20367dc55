import type { User } from './user.ts';

/**
 * The JSON text of a user that the API sends and the cache stores, serialized once and passed on unparsed, with the version that
 * orders it against other copies of the same user.
 */
export type UserRepresentation = { readonly version: number; readonly json: string };

/** Which fields of a user are published, and in which order. */
export const toUserRepresentation = (user: User): UserRepresentation => ({
  version: user.version,
  json: JSON.stringify({
    id: user.id,
    username: user.username,
    name: user.name,
    email: user.email,
    createdAt: user.createdAt.toISOString(),
    updatedAt: user.updatedAt.toISOString(),
  }),
});
