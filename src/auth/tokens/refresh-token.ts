import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** `<session id>.<secret>`: the id identifies the row, the secret (32 random bytes) authenticates the caller. */
export type RefreshToken = { readonly sessionId: string; readonly secret: string };

const FORM = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([\w-]{43})$/;

export const newRefreshToken = (sessionId: string = randomUUID()): RefreshToken => ({
  sessionId,
  secret: randomBytes(32).toString('base64url'),
});

export const formatRefreshToken = ({ sessionId, secret }: RefreshToken): string => `${sessionId}.${secret}`;

export const parseRefreshToken = (text: string): RefreshToken | undefined => {
  const [, sessionId, secret] = FORM.exec(text) ?? [];
  return sessionId === undefined || secret === undefined ? undefined : { sessionId, secret };
};

/** A random secret of 256 bits can't be guessed, so it needs no slow password hash. */
export const hashSecret = ({ secret }: RefreshToken): Buffer => createHash('sha256').update(secret).digest();
