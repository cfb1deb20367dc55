import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** `<session id>.<secret>`: the id finds the row, the secret (32 random bytes) proves the right to it. */
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

/** SHA-256 is enough for a secret that can't be guessed; a slow hash is for passwords. */
export const hashSecret = ({ secret }: RefreshToken): Buffer => createHash('sha256').update(secret).digest();
