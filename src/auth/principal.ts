/** `users:read` any user by id · `users:list` all users, page by page. */
export const SCOPES = ['users:read', 'users:list'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who calls, as proven by an access token. Immutable, and shared by all requests that carry the same token. */
export type Principal = {
  /** The user's id, or the client's id for a service. */
  readonly subject: string;
  readonly kind: 'user' | 'service';
  /** Only users have sessions. */
  readonly sessionId: string | undefined;
  readonly scopes: ReadonlySet<string>;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
};
