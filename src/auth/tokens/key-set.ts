// The keys that sign and verify access tokens. One algorithm per key; to rotate keys, replace the content of the secret file.

import { importJWK, type CryptoKey, type JWK } from 'jose';

export const ALGORITHM = 'ES256';

export type SigningKey = { readonly kid: string; readonly key: CryptoKey };

export type KeySet = {
  /** The first key of the set. */
  signingKey(): Promise<SigningKey>;
  /** The public half of the key named `kid`. */
  verifyingKey(kid: string): Promise<CryptoKey | undefined>;
  /** The public keys for other services, RFC 7517. No private members. */
  publicJwks(): { keys: JWK[] };
};

type Imported = { readonly signing: SigningKey; readonly verifying: ReadonlyMap<string, CryptoKey> };

const toPublic = ({ kty, crv, x, y, kid }: JWK): JWK => ({ kty, crv, x, y, kid, alg: ALGORITHM, use: 'sig' }) as JWK;

const parse = (text: string): JWK[] => {
  const { keys = [] } = JSON.parse(text) as { keys?: JWK[] };
  const isUsable = ({ kty, crv, d, kid, alg }: JWK): boolean =>
    kty === 'EC' && crv === 'P-256' && d !== undefined && kid !== undefined && kid !== '' && alg === ALGORITHM;
  if (keys.length === 0 || !keys.every(isUsable))
    throw new Error('AUTH_SIGNING_KEYS must be a JWK set of private ES256 keys, each with a kid.');
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) throw new Error('AUTH_SIGNING_KEYS has a duplicate kid.');
  return keys;
};

const importAll = async (keys: readonly JWK[]): Promise<Imported> => {
  const entries = await Promise.all(
    keys.map(async (key) => [key.kid ?? '', (await importJWK(toPublic(key), ALGORITHM)) as CryptoKey] as const),
  );
  const [first = {}] = keys;
  const signing = { kid: first.kid ?? '', key: (await importJWK(first, ALGORITHM)) as CryptoKey };
  return { signing, verifying: new Map(entries) };
};

/**
 * @param readJwks returns the current content of the secret: a private JWK set; the first key signs, all keys verify
 * @throws Error when the initial content is invalid; when later content is invalid, the last valid set stays in use
 */
export const makeKeySet = (readJwks: () => string): KeySet => {
  let text = readJwks();
  let jwks = parse(text);
  let imported = importAll(jwks);

  const refresh = (): void => {
    const newest = readJwks();
    if (newest === text) return;
    text = newest;
    try {
      jwks = parse(newest);
      imported = importAll(jwks);
    } catch {
      // partially written or invalid: keep the last valid keys
    }
  };

  return {
    signingKey: async () => {
      refresh();
      return (await imported).signing;
    },
    verifyingKey: async (kid) => {
      refresh();
      return (await imported).verifying.get(kid);
    },
    publicJwks: () => {
      refresh();
      return { keys: jwks.map(toPublic) };
    },
  };
};
