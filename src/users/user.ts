// The user as the domain knows it. No HTTP, SQL or Redis shape belongs here.

/** UUIDv7 in its 36-character lower-case form; made by the service, so that one round trip writes everything. */
// eslint-disable-next-line sonarjs/redundant-type-aliases -- says what a string stands for
export type UserId = string;

export type User = {
  readonly id: UserId;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  /** Starts at 1, rises by one with each change; it is the ETag and orders cache entries. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};
