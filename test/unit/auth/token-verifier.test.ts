// Hostile tokens, based on RFC 8725 (JWT best current practices) and RFC 9068 section 4. All of them get the same error.

import { createHmac, randomUUID, sign as signBytes } from 'node:crypto';
import { generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseKeySet, type KeySet } from '../../../src/auth/tokens/key-set.ts';
import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { makeTokenIssuer } from '../../../src/auth/tokens/token-issuer.ts';
import { longestLifetime, makeTokenVerifier } from '../../../src/auth/tokens/token-verifier.ts';
import { makeFakeRevocations } from '../../support/fakes/recorder.ts';

const ISSUER = 'https://users.example.com';
const AUDIENCE = 'user-service';
const USER = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';
const NOW = Date.parse('2026-01-31T12:00:00Z');
const SECONDS = NOW / 1000;

const jwk = await newSigningKey();
const kid = jwk.kid ?? '';
const setOf = (...keys: object[]): KeySet => parseKeySet(JSON.stringify({ keys }));
const keySet = setOf(jwk);
const { key } = keySet.signing;

const arrange = ({ maxLifetimeSeconds = 300 } = {}) => {
  let at = NOW;
  const { revoked, revocations } = makeFakeRevocations();
  const now = (): Date => new Date(at);
  const file = { keySet };
  const common = { readKeySet: () => file.keySet, issuer: ISSUER, audience: AUDIENCE, now };
  const issueToken = makeTokenIssuer({ ...common, ttlSeconds: 300 });
  const verify = makeTokenVerifier({ ...common, maxLifetimeSeconds, revocations });
  const pass = (seconds: number): void => {
    at += seconds * 1000;
  };
  return { issueToken, verify, revoked, pass, file };
};

const CLAIMS = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: USER,
  client_id: 'user-service',
  scope: '',
  sid: randomUUID(),
  jti: randomUUID(),
  iat: SECONDS,
  exp: SECONDS + 300,
};
const HEADER = { alg: 'ES256', typ: 'at+jwt', kid };

const sign = (claims: object, header: object = {}): Promise<string> =>
  new SignJWT({ ...CLAIMS, ...claims }).setProtectedHeader({ ...HEADER, ...header }).sign(key);
const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const unsigned = (header: object, claims: object = CLAIMS, signature = ''): string =>
  `${encode(header)}.${encode(claims)}.${signature}`;
const hmac = (header: object, secret: string): string => {
  const input = `${encode(header)}.${encode(CLAIMS)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
};
const raw = (header: string, claims: string): string => `${encode(header)}.${encode(claims)}.abc`;
const DUPLICATED_CLAIMS = `{"sub":"admin",${JSON.stringify(CLAIMS).slice(1)}`;
const DUPLICATED_HEADER = `{"alg":"ES256","typ":"at+jwt","kid":"${kid}","alg":"none"}`;
/** Signed by the right key: JSON has numbers that JavaScript reads as infinite. */
const signedNumbers = (iat: string, exp: string): string => {
  const claims = JSON.stringify({ ...CLAIMS, iat: 'iat', exp: 'exp' }).replace('"iat":"iat"', `"iat":${iat}`);
  const input = `${encode(HEADER)}.${encode(claims.replace('"exp":"exp"', ['"exp"', exp].join(':')))}`;
  const signature = signBytes('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
};
const without = (name: keyof typeof CLAIMS): object => ({ [name]: undefined });

const HOSTILE: [string, () => string | Promise<string>][] = [
  ['empty', () => ''],
  ['one segment', () => 'abc'],
  ['two segments', () => 'abc.def'],
  ['four segments', async () => `${await sign({})}.abc`],
  ['five segments, as a JWE has', () => 'a.b.c.d.e'],
  ['blanks around it', async () => ` ${await sign({})}`],
  ['padding', async () => `${await sign({})}=`],
  ['standard base64', async () => (await sign({})).replace(/[\w-]{5}$/, '+/+/+')],
  ['a header that is no JSON', () => `${encode('{')}.${encode(CLAIMS)}.abc`],
  ['a header that is an array', () => `${encode([])}.${encode(CLAIMS)}.abc`],
  ['a header that is null', () => `${encode('null')}.${encode(CLAIMS)}.abc`],
  ['huge', async () => sign({ padding: 'x'.repeat(5000) })],
  ['alg none', () => unsigned({ ...HEADER, alg: 'none' })],
  ['alg None', () => unsigned({ ...HEADER, alg: 'None' }, CLAIMS, 'abc')],
  ['alg none with a signature', () => unsigned({ ...HEADER, alg: 'none' }, CLAIMS, 'abc')],
  ['no alg', () => unsigned({ typ: 'at+jwt', kid }, CLAIMS, 'abc')],
  ['alg null', () => unsigned({ ...HEADER, alg: null }, CLAIMS, 'abc')],
  [
    'HS256 with the public key as secret',
    () => hmac({ ...HEADER, alg: 'HS256' }, JSON.stringify(keySet.publicJwks[0])),
  ],
  ['HS256 with an empty secret', () => hmac({ ...HEADER, alg: 'HS256' }, '')],
  ['RS256 in name', () => unsigned({ ...HEADER, alg: 'RS256' }, CLAIMS, 'abc')],
  ['ES384 in name', () => unsigned({ ...HEADER, alg: 'ES384' }, CLAIMS, 'abc')],
  ['EdDSA in name', () => unsigned({ ...HEADER, alg: 'EdDSA' }, CLAIMS, 'abc')],
  ['typ JWT', () => sign({}, { typ: 'JWT' })],
  ['typ application/jwt', () => sign({}, { typ: 'application/jwt' })],
  ['typ of an ID token', () => sign({}, { typ: 'id+jwt' })],
  ['no typ', () => sign({}, { typ: undefined })],
  ['an unknown kid', () => sign({}, { kid: 'another' })],
  ['no kid', () => sign({}, { kid: undefined })],
  ['an empty kid', () => sign({}, { kid: '' })],
  ['a kid that is a path', () => sign({}, { kid: '../../dev/null' })],
  ['a kid that is SQL', () => sign({}, { kid: "' OR 1=1 --" })],
  ['a kid that is a number', () => sign({}, { kid: 1 })],
  ['a kid of the prototype', () => sign({}, { kid: '__proto__' })],
  ['jku', () => sign({}, { jku: 'https://evil.example.com/jwks.json' })],
  ['x5u', () => sign({}, { x5u: 'https://evil.example.com/cert.pem' })],
  ['x5c', () => sign({}, { x5c: ['MIIB'] })],
  ['x5t', () => sign({}, { x5t: 'abc' })],
  ['jwk', () => sign({}, { jwk: keySet.publicJwks[0] })],
  ['crit', () => unsigned({ ...HEADER, crit: ['exp'], exp: 1 }, CLAIMS, 'abc')],
  ['crit that is empty', () => unsigned({ ...HEADER, crit: [] }, CLAIMS, 'abc')],
  ['b64 false', () => unsigned({ ...HEADER, b64: false, crit: ['b64'] }, CLAIMS, 'abc')],
  ['cty', () => sign({}, { cty: 'JWT' })],
  ['zip', () => unsigned({ ...HEADER, zip: 'DEF' }, CLAIMS, 'abc')],
  ['a signature of zeros (CVE-2022-21449)', () => unsigned(HEADER, CLAIMS, Buffer.alloc(64).toString('base64url'))],
  ['an empty signature', () => unsigned(HEADER)],
  ['a short signature', async () => (await sign({})).slice(0, -4)],
  ['a signature in DER', () => unsigned(HEADER, CLAIMS, Buffer.from('3006020101020101', 'hex').toString('base64url'))],
  [
    'a signature of another token',
    async () => `${unsigned(HEADER, { ...CLAIMS, sub: 'x' })}${(await sign({})).split('.')[2] ?? ''}`,
  ],
  ['another issuer', () => sign({ iss: 'https://evil.example.com' })],
  ['an issuer with a slash more', () => sign({ iss: `${ISSUER}/` })],
  ['no issuer', () => sign(without('iss'))],
  ['another audience', () => sign({ aud: 'billing' })],
  ['an empty list of audiences', () => sign({ aud: [] })],
  ['an audience that begins alike', () => sign({ aud: 'user-service-2' })],
  ['no audience', () => sign(without('aud'))],
  ['no subject', () => sign(without('sub'))],
  ['an empty subject', () => sign({ sub: '' })],
  ['a subject that is a number', () => sign({ sub: 1 })],
  ['no client', () => sign(without('client_id'))],
  ['a client that is an object', () => sign({ client_id: {} })],
  ['no id', () => sign(without('jti'))],
  ['an id that is a number', () => sign({ jti: 1 })],
  ['expired', () => sign({ exp: SECONDS - 1 })],
  ['expiring this moment', () => sign({ exp: SECONDS })],
  ['an expiry that is text', () => sign({ exp: String(SECONDS + 300) })],
  ['an expiry that is negative', () => sign({ exp: -1 })],
  ['an expiry beyond numbers', () => unsigned(HEADER, { ...CLAIMS, exp: '1e999' }, 'abc')],
  ['no expiry', () => sign(without('exp'))],
  ['issued in the future', () => sign({ iat: SECONDS + 60 })],
  ['an issue time that is text', () => sign({ iat: 'yesterday' })],
  ['no issue time', () => sign(without('iat'))],
  ['a lifetime longer than the issuer gives', () => sign({ exp: SECONDS + 301 })],
  ['an expiry in ten years', () => sign({ exp: SECONDS + 315_360_000 })],
  ['an issue time long ago', () => sign({ iat: SECONDS - 3600, exp: SECONDS + 60 })],
  ['an issue time before all time', () => sign({ iat: -1e15 })],
  ['an issue time and an expiry beyond numbers', () => signedNumbers('-1e999', '1e999')],
  ['not valid yet', () => sign({ nbf: SECONDS + 60 })],
  ['a not-before that is text', () => sign({ nbf: 'now' })],
  ['scopes in a list', () => sign({ scope: ['users:list'] })],
  ['a scope that is an object', () => sign({ scope: { 'users:list': true } })],
  ['a session that is a number', () => sign({ sid: 1 })],
  ['a time of authentication that is text', () => sign({ auth_time: 'now' })],
  ['a session of another client', () => sign({ client_id: 'notification-service' })],
  ['a duplicated claim, the good one last', () => raw(JSON.stringify(HEADER), DUPLICATED_CLAIMS)],
  ['a duplicated alg, none last', () => raw(DUPLICATED_HEADER, JSON.stringify(CLAIMS))],
  ['claims that are an array', () => `${encode(HEADER)}.${encode([])}.abc`],
  ['claims that are text', () => `${encode(HEADER)}.${encode('"x"')}.abc`],
];

describe('makeTokenVerifier', () => {
  it.each(HOSTILE)('rejects a token with: %s', async (_what, make) => {
    const { verify } = arrange();
    const token = await make();
    const verifyToken = async (): Promise<unknown> => verify(token);
    await expect(verifyToken()).rejects.toMatchObject({
      code: 'TOKEN_INVALID',
      message: 'The access token is not valid.',
      faults: [],
    });
  });

  it('has at least eighty hostile tokens', () => {
    expect(new Set(HOSTILE.map(([what]) => what)).size).toBe(HOSTILE.length);
    expect(HOSTILE.length).toBeGreaterThanOrEqual(80);
  });

  it('accepts the valid token that all of them are derived from', async () => {
    const { verify } = arrange();
    await expect(verify(await sign({}))).resolves.toMatchObject({ subject: USER, kind: 'user' });
  });

  it('rejects a token signed by another key with the same kid', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const forged = await new SignJWT(CLAIMS).setProtectedHeader(HEADER).sign(privateKey);
    await expect(arrange().verify(forged)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  it('returns the principal of a user', async () => {
    const { issueToken, verify } = arrange();
    const { access_token } = await issueToken({
      subject: USER,
      clientId: 'user-service',
      scopes: [],
      sessionId: 'session-1',
    });
    expect(await verify(access_token)).toEqual({
      subject: USER,
      kind: 'user',
      sessionId: 'session-1',
      scopes: new Set(),
      expiresAt: SECONDS + 300,
    });
  });

  it('returns when the user entered the password, if the token was issued for that', async () => {
    const { issueToken, verify } = arrange();
    const grant = { subject: USER, clientId: 'user-service', scopes: [], sessionId: 'session-1' };
    const { access_token } = await issueToken({ ...grant, authenticatedAt: new Date(NOW) });
    expect(await verify(access_token)).toMatchObject({ authenticatedAt: SECONDS });
  });

  it('accepts no token after its session has expired', async () => {
    const { issueToken, verify, pass } = arrange();
    const grant = { subject: USER, clientId: 'user-service', scopes: [], sessionId: 'session-1' };
    const { access_token, expires_in } = await issueToken({ ...grant, notAfter: new Date(NOW + 60_000) });
    expect(expires_in).toBe(60);
    pass(60);
    await expect(verify(access_token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  it('returns the principal of a service with its scopes', async () => {
    const { issueToken, verify } = arrange();
    const { access_token } = await issueToken({
      subject: 'notifier',
      clientId: 'notifier',
      scopes: ['users:read', 'users:list'],
    });
    expect(await verify(access_token)).toMatchObject({
      kind: 'service',
      sessionId: undefined,
      scopes: new Set(['users:read', 'users:list']),
    });
  });

  describe('for a cached token', () => {
    let access_token: string;
    let { issueToken, verify, revoked, pass } = arrange();
    beforeAll(async () => {
      ({ issueToken, verify, revoked, pass } = arrange());
      ({ access_token } = await issueToken({
        subject: USER,
        clientId: 'user-service',
        scopes: [],
        sessionId: 'session-1',
      }));
      await verify(access_token);
    });

    it('returns synchronously', () => {
      expect(verify(access_token)).toMatchObject({ subject: USER });
    });

    it('still rejects an ended session', () => {
      revoked.add('session-1');
      expect(() => verify(access_token)).toThrow(expect.objectContaining({ code: 'TOKEN_INVALID' }));
      revoked.clear();
    });

    it('still rejects an expired token', () => {
      pass(300);
      expect(() => verify(access_token)).toThrow(expect.objectContaining({ code: 'TOKEN_INVALID' }));
    });
  });

  describe('when the keys change', () => {
    const grant = { subject: USER, clientId: 'user-service', scopes: [], sessionId: 'session-1' };

    it('rejects a token of a removed key, seen before or not', async () => {
      const { issueToken, verify, file } = arrange();
      const [seen, twin] = [(await issueToken(grant)).access_token, (await issueToken(grant)).access_token];
      await verify(seen);
      file.keySet = setOf(await newSigningKey());
      for (const token of [seen, twin]) {
        await expect((async () => verify(token))()).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
      }
    });

    it('still accepts tokens of a key that is no longer the first', async () => {
      const { issueToken, verify, file } = arrange();
      const { access_token } = await issueToken(grant);
      await verify(access_token);
      file.keySet = setOf(await newSigningKey(), jwk);
      expect(await verify(access_token)).toMatchObject({ subject: USER });
    });

    it('does not cache a token whose key is removed while it is verified', async () => {
      const { issueToken, verify, file } = arrange();
      const { access_token } = await issueToken(grant);
      const nextKeySet = setOf(await newSigningKey());
      const verifying = verify(access_token);
      file.keySet = nextKeySet;
      await Promise.allSettled([verify(access_token), verifying]); // the second call notices the change
      await expect((async () => verify(access_token))()).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
    });
  });

  it('accepts a longer lifetime while the lifetime of new tokens changes', async () => {
    const token = await sign({ exp: SECONDS + 600 });
    await expect(arrange({ maxLifetimeSeconds: 600 }).verify(token)).resolves.toMatchObject({
      expiresAt: SECONDS + 600,
    });
    expect(longestLifetime({ accessTokenTtlSeconds: 300, acceptedTokenTtlSeconds: 600 })).toBe(600);
    expect(longestLifetime({ accessTokenTtlSeconds: 300, acceptedTokenTtlSeconds: 0 })).toBe(300);
  });
});
