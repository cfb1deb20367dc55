import type { User } from '../../users/user.ts';

export type UserRow = {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
};

export const toUser = (row: UserRow): User => ({
  id: row.id,
  username: row.username,
  name: row.name,
  email: row.email,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
