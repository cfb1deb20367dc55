// What strangers can and can't do within the limits, through the whole service. All addresses come from X-Forwarded-For of a trusted proxy.

import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import { newRegistration, newUser, PASSWORD, reauthenticated, type TestUser } from '../../support/http/actors.ts';
import { CLIENT, makeTestApp, type TestApp } from '../../support/http/make-test-app.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';

let database: TestDatabase;
let whole: TestApp;
let open: Api;
let app: Api;

beforeAll(async () => {
  database = await makeTestDatabase({ locale: 'C.UTF-8' });
  whole = await makeTestApp({ database, redis: makeTestRedis() });
  open = await whole.serve();
  app = await whole.serve({ options: { strictLimitPerMinute: 10, trustProxy: ['127.0.0.0/8'] } });
});
afterAll(async () => {
  await Promise.all([open.close(), app.close()]);
  await whole.close();
  await database.drop();
});

let addresses = 0;
/** An address that no other test has used. */
const newAddress = (): string => {
  addresses += 1;
  return `198.18.${Math.floor(addresses / 250)}.${(addresses % 250) + 1}`;
};

type Method = 'POST' | 'PUT' | 'PATCH';
const send = (method: Method, url: string, from: string, payload: object, headers: Record<string, string> = {}) =>
  app.inject({ method, url: `/api/v1${url}`, payload, headers: { ...headers, 'x-forwarded-for': from } });

const logIn = async (login: string, password: string, from: string): Promise<number> =>
  (await send('POST', '/auth/login', from, { login, password })).statusCode;

const guess = (login: string, from: string): Promise<number> => logIn(login, 'not the password', from);

/** Calls one after the other. */
const times = async <T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> => {
  const results: T[] = [];
  for (let index = 0; index < count; index += 1) results.push(await call(index));
  return results;
};

const count = (statuses: readonly number[], status: number): number => statuses.filter((one) => one === status).length;

describe('strangers who guess the password of an account', () => {
  let victim: TestUser;
  beforeAll(async () => {
    victim = await newUser(open);
  });

  it('do not lock the owner out: 21 guesses from two addresses', async () => {
    const [home, elsewhere, ...strangers] = [newAddress(), newAddress(), newAddress(), newAddress()];
    expect(await logIn(victim.username, PASSWORD, home)).toBe(200);

    await times(21, (index) => guess(victim.username, strangers.at(index % 2) ?? ''));

    expect(await times(5, () => logIn(victim.username, PASSWORD, home))).toEqual(Array(5).fill(200));
    expect(await logIn(victim.username, PASSWORD, elsewhere)).toBe(200);
  });

  it('have 5 guesses per minute and address, however they write the login', async () => {
    const from = newAddress();
    const { username, email } = await newUser(open);
    const spellings = [username, username.toUpperCase(), email, email.toUpperCase(), username, email];

    expect(await times(6, (index) => guess(spellings.at(index) ?? '', from))).toEqual([
      ...Array<number>(5).fill(401),
      429,
    ]);
  });

  it('have no more when they guess in parallel', async () => {
    const { username } = await newUser(open);
    const from = newAddress();

    const statuses = await Promise.all(Array.from({ length: 30 }, () => guess(username, from)));

    expect(count(statuses, 401)).toBe(5);
  });

  it('get no more guesses from a network of addresses than the account allows, and no lock', async () => {
    const { username } = await newUser(open);
    const [home, ...strangers] = Array.from({ length: 31 }, newAddress);
    expect(await logIn(username, PASSWORD, home ?? '')).toBe(200);

    const rounds = await times(4, () => Promise.all(strangers.map((from) => guess(username, from))));

    expect(count(rounds.flat(), 401)).toBeGreaterThanOrEqual(50);
    expect(count(rounds.flat(), 401)).toBeLessThan(70);
    expect(await logIn(username, PASSWORD, home ?? '')).toBe(200);
  });
});

describe('a login', () => {
  const letters = [
    ['i', 'İ'],
    ['k', '\u212A'],
    ['s', 'ſ'],
  ] as const;

  it.each(letters)('is ASCII: an account with %s has no other spelling with %s', async (ascii, other) => {
    const username = `fr${ascii}${ascii}z${randomUUID().slice(0, 8)}`;
    const email = `${username}@example.com`;
    await open.inject({
      method: 'POST',
      url: '/api/v1/users',
      payload: { username, email, name: 'Fritz', password: PASSWORD },
    });
    const from = newAddress();

    expect(await logIn(username, PASSWORD, from)).toBe(200);
    expect(await logIn(username.replace(ascii, other), PASSWORD, from)).toBe(401);
    expect(await logIn(email.replaceAll(ascii, other), PASSWORD, from)).toBe(401);
  });
});

describe('one client address', () => {
  const forms: [string, (index: number) => string][] = [
    ['with a port that counts up', (index) => `203.0.113.8:${40_000 + index}`],
    ['with a port, mapped to IPv6', (index) => `[::ffff:203.0.113.9]:${40_000 + index}`],
    ['of one IPv6 /64, in brackets', (index) => `[2001:db8:0:1::${index + 1}]:443`],
    ['that is no address', (index) => `unknown-${index}`],
    ['that an obfuscating proxy wrote', (index) => `_hidden${index}, 127.0.0.40`],
    ['behind a trusted proxy with a port', (index) => `203.0.113.10, 127.0.0.9:${40_000 + index}`],
  ];

  it.each(forms)('%s has 10 failed sign-ins per minute', async (_form, address) => {
    const statuses = await times(12, (index) => guess(randomUUID(), address(index)));

    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
  });

  it('has wider limits for the networks of IPv6: 40 for a /56, 160 for a /48', async () => {
    const inOne56 = await times(45, (index) => guess(randomUUID(), `2001:db8:a:${index.toString(16)}::1`));
    const inOne48 = await times(165, (index) => guess(randomUUID(), `2001:db8:b:${(index * 256).toString(16)}::1`));

    expect(count(inOne56, 401)).toBe(40);
    expect(count(inOne48, 401)).toBe(160);
  });

  it('may be an office: successful sign-ins, refreshes and client tokens are not attempts', async () => {
    const from = newAddress();
    const users = await Promise.all(Array.from({ length: 12 }, () => newUser(open)));

    const signedIn = await times(12, (index) => logIn(users.at(index)?.username ?? '', PASSWORD, from));
    const refreshed = await times(12, (index) =>
      send('POST', '/auth/refresh', from, { refresh_token: users.at(index)?.refreshToken ?? '' }),
    );
    const issued = await times(12, () => send('POST', '/auth/token', from, CLIENT));

    expect([...signedIn, ...[...refreshed, ...issued].map(({ statusCode }) => statusCode)]).toEqual(
      Array<number>(36).fill(200),
    );
  });

  it('has 10 wrong secrets per minute for one client, and the right one works elsewhere', async () => {
    const from = newAddress();

    const wrong = await times(11, () => send('POST', '/auth/token', from, { ...CLIENT, client_secret: 'wrong' }));

    expect(wrong.map(({ statusCode }) => statusCode)).toEqual([...Array<number>(10).fill(401), 429]);
    expect((await send('POST', '/auth/token', newAddress(), CLIENT)).statusCode).toBe(200);
  });
});

describe('a session', () => {
  it('has 10 refreshes per minute and address; a stranger who knows its id does not use them up', async () => {
    const { refreshToken } = await newUser(open);
    const [sessionId = ''] = refreshToken.split('.');
    const stranger = newAddress();
    const foreign = await times(11, () =>
      send('POST', '/auth/refresh', stranger, { refresh_token: `${newUuidLike(sessionId)}.${'A'.repeat(43)}` }),
    );

    expect(foreign.map(({ statusCode }) => statusCode)).toEqual([...Array<number>(10).fill(401), 429]);
    expect((await send('POST', '/auth/refresh', newAddress(), { refresh_token: refreshToken })).statusCode).toBe(200);
  });
});

/** Another id, so that the stranger's wrong secret has no session to end. */
const newUuidLike = (id: string): string => id.replace(/^./, (first) => (first === '0' ? '1' : '0'));

describe('the question whether an e-mail address is registered', () => {
  /** A user who has entered the password lately. */
  const newAsker = async () => {
    const user = await newUser(open);
    return { id: user.id, headers: await reauthenticated(open, user) };
  };
  const patch = ({ id, headers }: Pick<TestUser, 'id' | 'headers'>, from: string, payload: object) =>
    send('PATCH', `/users/${id}`, from, payload, { ...headers, 'if-match': '"1"' });

  it('gets no answer from a change that fails anyway: a taken username is the answer, whatever its case', async () => {
    const [asker, other, third] = [await newAsker(), await newUser(open), await newUser(open)];
    const username = other.username.toUpperCase();
    const emails = [third.email, 'nobody@example.com'];
    const changes = await times(2, async (index) =>
      (await patch(asker, newAddress(), { username, email: emails.at(index) })).json<{ code: string }>(),
    );
    const registrations = await times(2, async (index) =>
      (await send('POST', '/users', newAddress(), { ...newRegistration(), username, email: emails.at(index) })).json<{
        code: string;
      }>(),
    );

    expect([...changes, ...registrations].map(({ code }) => code)).toEqual(Array(4).fill('USERNAME_TAKEN'));
  });

  it('is limited to 10 per minute and user, from any number of addresses', async () => {
    const [asker, other] = [await newAsker(), await newUser(open)];

    const answers = await times(11, () => patch(asker, newAddress(), { email: other.email }));

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([...Array<number>(10).fill(409), 429]);
    expect((await patch(asker, newAddress(), { name: 'Ann Other' })).statusCode).toBe(200);
  });

  it('is limited to 10 per minute and address at both doors together', async () => {
    const from = newAddress();
    const [asker, second, other] = [await newAsker(), await newAsker(), await newUser(open)];
    await times(5, () => send('POST', '/users', from, { ...newRegistration(), email: other.email }));

    const answers = await times(6, (index) => patch(index % 2 ? asker : second, from, { email: other.email }));

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([...Array<number>(5).fill(409), 429]);
  });
});

describe('the old password, for whoever holds an access token', () => {
  it('has 10 guesses per minute and user, from any number of addresses', async () => {
    const user = await newUser(open);
    const passwords = { oldPassword: 'not the password', newPassword: 'four louder mountains' };

    const answers = await times(11, () =>
      send('PUT', `/users/${user.id}/password`, newAddress(), passwords, user.headers),
    );

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([...Array<number>(10).fill(403), 429]);
    expect(await logIn(user.username, PASSWORD, newAddress())).toBe(200);
  });
});
