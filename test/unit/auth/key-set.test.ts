import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { parseKeySet } from '../../../src/auth/tokens/key-set.ts';
import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { CodedError } from '../../../src/errors/coded-error.ts';

const jwk = await newSigningKey();
const other = await newSigningKey();
const setOf = (...keys: unknown[]): string => JSON.stringify({ keys });

const publicJwk = async () => ({
  ...(await exportJWK((await generateKeyPair('ES256')).publicKey)),
  alg: 'ES256',
  kid: '1',
});

describe('parseKeySet', () => {
  it('signs with the first key and verifies with all of them', () => {
    const { signing, verifying } = parseKeySet(setOf(jwk, other));
    expect([signing.kid, signing.key.type]).toEqual([jwk.kid, 'private']);
    expect([...verifying].map(([kid, key]) => [kid, key.type])).toEqual([
      [jwk.kid, 'public'],
      [other.kid, 'public'],
    ]);
  });

  it('publishes public members only', () => {
    const { publicJwks } = parseKeySet(setOf({ ...jwk, note: 'x' }));
    const { kty, crv, x, y, kid } = jwk;
    expect(publicJwks).toEqual([{ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }]);
  });

  const cut = (text = ''): string => text.slice(0, -4);

  it.each<[string, () => string | Promise<string>, RegExp]>([
    ['no JSON', () => 'hunter2', /^is not JSON$/],
    ['half of it', () => setOf(jwk).slice(0, 60), /^is not JSON$/],
    ['null', () => 'null', /JWK set/],
    ['a list', () => JSON.stringify([jwk]), /JWK set/],
    ['a key without its set', () => JSON.stringify(jwk), /JWK set/],
    ['no key', () => setOf(), /JWK set/],
    ['a key that is null', () => setOf(jwk, null), /number 2/],
    ['a public key', async () => setOf(await publicJwk()), /number 1.*not a private ES256 key/],
    ['a key without kid', () => setOf({ ...jwk, kid: undefined }), /kid/],
    ['a key with an empty kid', () => setOf({ ...jwk, kid: '' }), /kid/],
    ['a key for another algorithm', () => setOf({ ...jwk, alg: 'ES384' }), /ES256/],
    ['a key for encryption', () => setOf({ ...jwk, use: 'enc' }), /ES256/],
    ['a symmetric key', () => setOf({ kty: 'oct', k: 'c2VjcmV0', alg: 'HS256', kid: '1' }), /ES256/],
    ['the same kid twice', () => setOf(jwk, { ...other, kid: jwk.kid }), /same kid/],
    ['a key without y', () => setOf(jwk, { ...other, y: undefined }), /number 2/],
    ['a key with a cut x', () => setOf(jwk, { ...other, x: cut(other.x) }), /number 2/],
    ['a key with a cut d', () => setOf(jwk, { ...other, d: cut(other.d) }), /number 2/],
    ['a point that is not on the curve', () => setOf(jwk, { ...other, x: 'A'.repeat(43) }), /number 2.*imported/],
    ['a private half of zero', () => setOf(jwk, { ...other, d: 'A'.repeat(43) }), /number 2.*imported/],
    ['halves of two keys', () => setOf(jwk, { ...other, d: jwk.d }), /number 2.*belong together/],
  ])('rejects %s, without content in the message', async (_what, make, message) => {
    const text = await make();
    const error: unknown = await Promise.resolve(text)
      .then(parseKeySet)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CodedError);
    expect((error as CodedError).message).toMatch(message);
    for (const content of [jwk.d, other.d, jwk.kid, other.kid, 'hunter2'])
      expect((error as CodedError).message).not.toContain(content);
  });
});
