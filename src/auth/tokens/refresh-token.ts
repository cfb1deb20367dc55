import { createHash, randomBytes, randomUUID } from 'node:crypto';

/**
 * `<session id>.<secret>`: the id identifies the row, the secret authenticates the caller. The first 16 bytes of the secret are the session's
 * family, the same in all of its tokens, so that any token that was issued for the session is recognized. The other 16 are new in each token.
 */
export type RefreshToken = { readonly sessionId: string; readonly secret: string };

const FORM = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([\w-]{43})$/;
const HALF_BYTES = 16;

const familyOf = (secret: string): Buffer => Buffer.from(secret, 'base64url').subarray(0, HALF_BYTES);

const makeToken = (sessionId: string, family: Buffer): RefreshToken => ({
  sessionId,
  secret: Buffer.concat([family, randomBytes(HALF_BYTES)]).toString('base64url'),
});

/** The first token of a new session. */
export const newRefreshToken = (): RefreshToken => makeToken(randomUUID(), randomBytes(HALF_BYTES));

/** The token that replaces a used one. */
export const nextRefreshToken = ({ sessionId, secret }: RefreshToken): RefreshToken =>
  makeToken(sessionId, familyOf(secret));

export const formatRefreshToken = ({ sessionId, secret }: RefreshToken): string => `${sessionId}.${secret}`;

export const parseRefreshToken = (text: string): RefreshToken | undefined => {
  const [, sessionId, secret] = FORM.exec(text) ?? [];
  return sessionId === undefined || secret === undefined ? undefined : { sessionId, secret };
};

const sha256 = (value: string | Buffer): Buffer => createHash('sha256').update(value).digest();

/** 128 random bits can't be guessed, so they need no slow password hash. */
export const hashSecret = ({ secret }: RefreshToken): Buffer => sha256(secret);

/** Equal for all tokens of a session. */
export const hashFamily = ({ secret }: RefreshToken): Buffer => sha256(familyOf(secret));
