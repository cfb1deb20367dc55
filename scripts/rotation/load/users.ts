// What the users of the load do. Each has an address of their own.

import { randomBytes } from 'node:crypto';

import type { Secrets } from '../secrets.ts';
import { TOKEN_SECONDS } from '../settings.ts';
import { CLIENT } from '../stack.ts';
import type { Response } from './calls.ts';
import type { MeasuredCalls } from './measured-calls.ts';

export type User = {
  readonly from: string;
  readonly username: string;
  readonly id: string;
  etag: string;
  token: string;
  refreshToken: string;
  /** When the token was issued, in milliseconds of the monotonic clock. */
  issuedAt: number;
  /** It waits for a write or for new tokens. */
  busy: boolean;
};

export type Operation = 'read' | 'readOrder' | 'listOrders' | 'order' | 'change' | 'refresh' | 'logIn' | 'clientToken';

const USERS = 24;
const AT_ONCE = 4;
const PASSWORD = randomBytes(12).toString('base64url');
/** A token that is older may have expired when its request arrives. */
const USED_FOR_MS = (TOKEN_SECONDS - 4) * 1000;
/** Of the client that is a service. */
export const CLIENT_ADDRESS = '10.250.0.1'; // eslint-disable-line sonarjs/no-hardcoded-ip -- as the api sees it

export const makeUsers = (calls: MeasuredCalls, secrets: Secrets, firstClientSecret: string) => {
  const { call, tokenOf } = calls;
  const users: User[] = [];
  const orders: { readonly id: string; readonly user: User }[] = [];
  let clientSecret = firstClientSecret;
  secrets.add('password of a user', PASSWORD);

  const takeTokens = (user: User, response: Response | undefined): void => {
    if (response === undefined) return;
    user.token = tokenOf(response);
    user.refreshToken = response.body.refresh_token as string;
    secrets.add('refresh token', user.refreshToken.split('.').at(-1) ?? '');
    user.issuedAt = performance.now();
  };
  const logIn = async (user: User): Promise<void> => {
    const body = { login: user.username, password: PASSWORD };
    takeTokens(user, await call(200, { method: 'POST', path: '/auth/login', body, from: user.from }));
  };
  const register = async (number: number): Promise<void> => {
    const from = `10.${number}.0.1`;
    const username = `u${randomBytes(6).toString('hex')}`;
    const body = { username, name: 'Ann', email: `${username}@example.com`, password: PASSWORD };
    const response = await call(201, { method: 'POST', path: '/users', body, from });
    if (response === undefined) throw new Error(`no user: ${calls.failures().at(-1)?.what ?? ''}`);
    const tokens = { token: '', refreshToken: '', issuedAt: 0, busy: false };
    const user = { from, username, id: response.body.id as string, etag: response.etag, ...tokens };
    await logIn(user);
    users.push(user);
  };
  const get = ({ from, token }: User, path: string) => call(200, { method: 'GET', path, from, token });

  const change = async (user: User): Promise<void> => {
    const { id, from, token, etag: ifMatch } = user;
    const path = `/users/${id}`;
    const body = { name: `Ann ${randomBytes(2).toString('hex')}` };
    const changed = await call(200, { method: 'PATCH', path, body, from, token, ifMatch });
    const current = changed ?? (await calls.caller.call({ method: 'GET', path, from, token }).catch(() => undefined));
    user.etag = current?.etag ?? ifMatch;
  };
  const order = async (user: User): Promise<void> => {
    const body = { amountMinor: 1999, currency: 'EUR' };
    const placed = await call(202, { method: 'POST', path: '/orders', body, from: user.from, token: user.token });
    if (placed !== undefined) orders.push({ id: placed.body.id as string, user });
  };
  const readOrder = (user: User) => {
    const known = orders[Math.floor(Math.random() * orders.length)]; // eslint-disable-line sonarjs/pseudo-random -- any order
    const isUsable = known !== undefined && performance.now() - known.user.issuedAt < USED_FOR_MS;
    return isUsable ? get(known.user, `/orders/${known.id}`) : get(user, '/orders');
  };
  const refresh = async (user: User): Promise<void> => {
    const body = { refresh_token: user.refreshToken };
    const response = await call(200, { method: 'POST', path: '/auth/refresh', body, from: user.from });
    if (response === undefined)
      await logIn(user); // the token is used up, or its session has ended
    else takeTokens(user, response);
  };
  const clientToken = async (): Promise<string | undefined> => {
    const body = { client_id: CLIENT, client_secret: clientSecret };
    const response = await call(200, { method: 'POST', path: '/auth/token', body, from: CLIENT_ADDRESS });
    return response === undefined ? undefined : tokenOf(response);
  };
  const exclusively =
    (operation: (user: User) => Promise<void>) =>
    async (user: User): Promise<void> => {
      user.busy = true;
      await operation(user).finally(() => (user.busy = false));
    };
  return {
    all: (): readonly User[] => users,
    orders: (): readonly string[] => orders.map(({ id }) => id),
    /** Registers them. */
    prepare: async (): Promise<void> => {
      for (let number = 0; number < USERS; number += AT_ONCE)
        await Promise.all(Array.from({ length: AT_ONCE }, (_, more) => register(number + more)));
      await Promise.all(users.map(refresh));
    },
    setClientSecret: (secret: string): void => {
      clientSecret = secret;
    },
    /** A token as the client gets it now. */
    clientToken,
    operations: new Map<Operation, (user: User) => Promise<unknown>>([
      ['read', (user) => get(user, `/users/${user.id}`)],
      ['readOrder', readOrder],
      ['listOrders', (user) => get(user, '/orders')],
      ['order', order],
      ['change', exclusively(change)],
      ['refresh', exclusively(refresh)],
      ['logIn', exclusively(logIn)],
      ['clientToken', clientToken],
    ]),
  };
};
