/** `users:read`: read any user by id · `users:list`: list all users. */
export const SCOPES = ['users:read', 'users:list'] as const;
export type Scope = (typeof SCOPES)[number];

/** The authenticated caller, from a verified access token. Immutable, and shared by all requests with the same token. */
export type Principal = {
  /** The user's id, or the client's id for a service. */
  readonly subject: string;
  readonly kind: 'user' | 'service';
  /** Only users have sessions. */
  readonly sessionId: string | undefined;
  readonly scopes: ReadonlySet<string>;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** When the user entered the password for this token, in seconds since the epoch: `auth_time`. Only with tokens of `reauthenticate`. */
  readonly authenticatedAt?: number | undefined;
};
