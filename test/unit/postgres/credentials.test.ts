import { describe, expect, it } from 'vitest';

import { credentialsOf, parseCredentials } from '../../../src/postgres/credentials.ts';

const SHAPE = 'must be a JSON object with the texts username and password, and expiresAt, if any, in Unix seconds';

describe('parseCredentials', () => {
  it('reads user, password and expiry, and ignores other members', () => {
    const text = '{"username":"v-app-1","password":"%40:/@ #\\"","expiresAt":1893456000,"lease_id":"x"}';
    expect(parseCredentials(text)).toEqual({ user: 'v-app-1', password: '%40:/@ #"', expiresAt: 1_893_456_000 });
    expect(parseCredentials('{"username":"u","password":"p"}')).toEqual({ user: 'u', password: 'p' });
  });

  it.each([
    ['hunter2', 'is not JSON'],
    ['{"username":"u","password":"hunter2"', 'is not JSON'],
    ['[]', SHAPE],
    ['null', SHAPE],
    ['{"username":"u"}', SHAPE],
    ['{"username":"","password":"hunter2"}', SHAPE],
    ['{"username":"u","password":""}', SHAPE],
    ['{"username":"u","password":7}', SHAPE],
    ['{"username":"u","password":"hunter2","expiresAt":"tomorrow"}', SHAPE],
    ['{"username":"u","password":"hunter2","expiresAt":-1}', SHAPE],
    [`{"username":"${'u'.repeat(64)}","password":"hunter2"}`, SHAPE],
    [String.raw`{"username":"u","password":"hun\u0000ter2"}`, 'contains a NUL character'],
  ])('rejects %s, and does not quote it', (text, message) => {
    expect(() => parseCredentials(text)).toThrow(expect.objectContaining({ code: 'SECRET_INVALID', message }) as Error);
  });
});

describe('credentialsOf', () => {
  it('prefers the file with both, and else combines the user with the newest password', () => {
    const password = Object.assign(() => 'p', { refresh: () => undefined });
    expect(credentialsOf({ user: 'u', password })()).toEqual({ user: 'u', password: 'p' });
    const credentials = () => ({ user: 'v', password: 'q' });
    expect(credentialsOf({ user: 'u', password, credentials })()).toEqual({ user: 'v', password: 'q' });
  });
});
