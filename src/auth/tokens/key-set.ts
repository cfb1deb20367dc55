// The keys that sign and verify access tokens. One algorithm per key; to rotate keys, replace the content of the secret file.

import { createPrivateKey, createPublicKey, sign, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

import { CodedError } from '../../errors/coded-error.ts';

export const ALGORITHM = 'ES256';

/** A public key for other services, RFC 7517. It has no private members. */
export type PublicJwk = Readonly<Record<'kty' | 'crv' | 'x' | 'y' | 'kid' | 'alg' | 'use', string>>;

/** Imported keys. Immutable: another content of the secret file is another set. */
export type KeySet = {
  /** The first key of the set signs. */
  readonly signing: { readonly kid: string; readonly key: KeyObject };
  /** The public half of each key, by its `kid`. */
  readonly verifying: ReadonlyMap<string, KeyObject>;
  readonly publicJwks: readonly PublicJwk[];
};

/** 32 bytes in base64url. */
const coordinate = Type.String({ pattern: String.raw`^[\w-]{43}$` });

const PRIVATE_JWK = Type.Object({
  kty: Type.Literal('EC'),
  crv: Type.Literal('P-256'),
  x: coordinate,
  y: coordinate,
  d: coordinate,
  kid: Type.String({ minLength: 1, maxLength: 200 }),
  alg: Type.Literal(ALGORITHM),
  use: Type.Optional(Type.Literal('sig')),
});
const JWK_SET = Type.Object({ keys: Type.Array(Type.Unknown(), { minItems: 1 }) });

type PrivateJwk = Static<typeof PRIVATE_JWK>;
type Imported = { readonly jwk: PublicJwk; readonly privateKey: KeyObject; readonly publicKey: KeyObject };

const invalid = (message: string): CodedError => new CodedError('SECRET_INVALID', message);

const parseJwks = (text: string): PrivateJwk[] => {
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    throw invalid('is not JSON');
  }
  if (!Value.Check(JWK_SET, set)) throw invalid('must be a JWK set with at least one key');
  return set.keys.map((jwk, index) => {
    if (Value.Check(PRIVATE_JWK, jwk)) return jwk;
    throw invalid(`has a key (number ${index + 1}) that is not a private ${ALGORITHM} key with x, y, d, alg and kid`);
  });
};

const SAMPLE = Buffer.from('signed and verified once, before the key is used');

/** Fails for a point that is not on the curve. */
const importKey = ({ kty, crv, x, y, d, kid }: PrivateJwk): Imported => {
  const publicKey = createPublicKey({ key: { kty, crv, x, y } satisfies JsonWebKey, format: 'jwk' });
  const privateKey = createPrivateKey({ key: { kty, crv, x, y, d } satisfies JsonWebKey, format: 'jwk' });
  // an import does not compare the two halves
  if (!verify('sha256', SAMPLE, publicKey, sign('sha256', SAMPLE, privateKey))) throw new Error('two different keys');
  return { jwk: { kty, crv, x, y, kid, alg: ALGORITHM, use: 'sig' }, privateKey, publicKey };
};

const importAll = (jwks: readonly PrivateJwk[]): Imported[] =>
  jwks.map((jwk, index) => {
    try {
      return importKey(jwk);
    } catch {
      throw invalid(`has a key (number ${index + 1}) that cannot be imported, or whose halves do not belong together`);
    }
  });

/**
 * Every key is imported and has signed once, before any is used.
 * @param text a JWK set (RFC 7517) of private keys; the first one signs, all of them verify
 * @throws CodedError without content of the text
 */
export const parseKeySet = (text: string): KeySet => {
  const keys = importAll(parseJwks(text));
  const [first] = keys;
  if (first === undefined) throw invalid('must be a JWK set with at least one key');
  const verifying = new Map(keys.map(({ jwk, publicKey }) => [jwk.kid, publicKey]));
  if (verifying.size < keys.length) throw invalid('has two keys with the same kid');
  return {
    signing: { kid: first.jwk.kid, key: first.privateKey },
    verifying,
    publicJwks: keys.map(({ jwk }) => jwk),
  };
};
