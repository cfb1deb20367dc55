// Users during the rotation: requests at fixed times, whether earlier ones have been answered or not. Nothing is repeated.

import { randomBytes } from 'node:crypto';

import { makeCaller, type Call, type Response } from './calls.ts';
import type { Secrets } from './secrets.ts';
import { CLIENT } from './stack.ts';
import { TOKEN_SECONDS } from './settings.ts';

type User = {
  readonly from: string;
  readonly username: string;
  id: string;
  etag: string;
  token: string;
  refreshToken: string;
  /** When the token was issued, in milliseconds of the monotonic clock. */
  issuedAt: number;
  /** It waits for a write or for new tokens. */
  busy: boolean;
};

/** `at`: milliseconds since the epoch. */
export type Failure = { readonly at: number; readonly what: string };

/** Without registration and login, which take a password hash: one login in two seconds. */
const MIX = [
  ...['read', 'read', 'order', 'read', 'change', 'read', 'readOrder', 'read', 'read', 'listOrders'],
  ...['read', 'read', 'change', 'read', 'readOrder', 'read', 'clientToken', 'read', 'refresh', 'read'],
] as const;
type Operation = (typeof MIX)[number] | 'logIn';

const USERS = 24;
const TICK_MS = 10;
const PASSWORD = randomBytes(12).toString('base64url');
const LOGIN_EVERY = 400;
const REFRESH_AFTER_MS = (TOKEN_SECONDS * 1000) / 2;

const kidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;

const nameOf = ({ method, path }: Call): string => `${method} ${path.replaceAll(/[0-9a-f-]{36}/g, ':id')}`;

export const makeLoad = ({
  port,
  secrets,
  clientSecret: firstSecret,
}: {
  port: number;
  secrets: Secrets;
  clientSecret: string;
}) => {
  const caller = makeCaller(port);
  const failures: Failure[] = [];
  const durations: number[] = [];
  const kids = new Map<string, number>();
  const users: User[] = [];
  const orders: { readonly id: string; readonly user: User }[] = [];
  let clientSecret = firstSecret;
  let [requests, open, perSecond, turn, due] = [0, 0, 0, 0, 0];
  secrets.add('password of a user', PASSWORD);

  const issued = ({ body }: Response): string => {
    const token = body.access_token as string;
    const kid = kidOf(token);
    kids.set(kid, (kids.get(kid) ?? 0) + 1);
    secrets.addToken(token);
    return token;
  };
  /** @returns undefined after a failure */
  const call = async (expected: number, request: Call): Promise<Response | undefined> => {
    requests += 1;
    const start = performance.now();
    let what = '';
    try {
      const response = await caller.call(request);
      if (response.status === expected) return response;
      what = `${response.status} ${String(response.body.code ?? '')}`.trimEnd();
    } catch (error) {
      what = (error as { code?: string }).code ?? (error as Error).name;
    } finally {
      durations.push(performance.now() - start);
    }
    failures.push({ at: Date.now(), what: `${nameOf(request)}: ${what}` });
    return undefined;
  };

  const takeTokens = (user: User, response: Response | undefined): void => {
    if (response === undefined) return;
    user.token = issued(response);
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
    if (response === undefined) throw new Error(`no user: ${failures.at(-1)?.what ?? ''}`);
    const tokens = { token: '', refreshToken: '', issuedAt: 0, busy: false };
    const user = { from, username, id: response.body.id as string, etag: response.etag, ...tokens };
    await logIn(user);
    users.push(user);
  };
  const get = (user: User, path: string): Promise<Response | undefined> =>
    call(200, { method: 'GET', path, from: user.from, token: user.token });

  const change = async (user: User): Promise<void> => {
    const { id, from, token, etag: ifMatch } = user;
    const body = { name: `Ann ${turn}` };
    const changed = await call(200, { method: 'PATCH', path: `/users/${id}`, body, from, token, ifMatch });
    if (changed !== undefined) user.etag = changed.etag;
    else user.etag = (await caller.call({ method: 'GET', path: `/users/${id}`, from, token }).catch(() => undefined))?.etag ?? ifMatch;
  };
  const order = async (user: User): Promise<void> => {
    const body = { amountMinor: 1999, currency: 'EUR' };
    const { from, token } = user;
    const placed = await call(202, { method: 'POST', path: '/orders', body, from, token });
    if (placed !== undefined) orders.push({ id: placed.body.id as string, user });
  };
  const refresh = async (user: User): Promise<void> => {
    const body = { refresh_token: user.refreshToken };
    const response = await call(200, { method: 'POST', path: '/auth/refresh', body, from: user.from });
    if (response === undefined) await logIn(user); // the token is used up, or its session has ended
    else takeTokens(user, response);
  };
  const clientToken = async (): Promise<string | undefined> => {
    const body = { client_id: CLIENT, client_secret: clientSecret };
    const response = await call(200, { method: 'POST', path: '/auth/token', body, from: '10.250.0.1' });
    return response === undefined ? undefined : issued(response);
  };
  const exclusively =
    (operation: (user: User) => Promise<void>) =>
    async (user: User): Promise<void> => {
      user.busy = true;
      await operation(user).finally(() => (user.busy = false));
    };
  const operations: Readonly<Record<Operation, (user: User) => Promise<unknown>>> = {
    read: (user) => get(user, `/users/${user.id}`),
    readOrder: (user) => {
      const known = orders[turn % Math.max(1, orders.length)];
      return known === undefined ? get(user, '/orders') : get(known.user, `/orders/${known.id}`);
    },
    listOrders: (user) => get(user, '/orders'),
    order,
    change: exclusively(change),
    refresh: exclusively(refresh),
    logIn: exclusively(logIn),
    clientToken,
  };

  const next = (): { readonly operation: Operation; readonly user: User } | undefined => {
    turn += 1;
    const free = users.filter(({ busy }) => !busy);
    const user = free[turn % Math.max(1, free.length)];
    if (user === undefined) return undefined;
    const oldest = free.reduce((a, b) => (a.issuedAt < b.issuedAt ? a : b));
    if (performance.now() - oldest.issuedAt > REFRESH_AFTER_MS) return { operation: 'refresh', user: oldest };
    const operation = turn % LOGIN_EVERY === 0 ? 'logIn' : (MIX[turn % MIX.length] ?? 'read');
    return { operation: operation === 'refresh' ? 'read' : operation, user };
  };
  let last = performance.now();
  const tick = (): void => {
    const now = performance.now();
    due += ((now - last) / 1000) * perSecond;
    last = now;
    for (; due >= 1; due -= 1) {
      const chosen = next();
      if (chosen === undefined) {
        due = 0; // no user is free: the failure that holds them is counted
        return;
      }
      open += 1;
      // eslint-disable-next-line security/detect-object-injection -- a name of the type
      void operations[chosen.operation](chosen.user).finally(() => (open -= 1));
    }
  };
  const timer = setInterval(tick, TICK_MS);

  return {
    /** Registers the users. Not part of what is counted. */
    prepare: async (): Promise<void> => {
      for (let number = 0; number < USERS; number += 4)
        await Promise.all([0, 1, 2, 3].map((more) => register(number + more)));
      [requests, durations.length] = [0, 0];
    },
    setRate: (rate: number): void => {
      perSecond = rate;
    },
    setClientSecret: (secret: string): void => {
      clientSecret = secret;
    },
    /** A token as a client gets it now; counted. */
    clientToken,
    caller,
    kidOf,
    requests: () => requests,
    open: () => open,
    failures: (): readonly Failure[] => failures,
    kids: (): ReadonlyMap<string, number> => kids,
    /** Milliseconds, sorted. */
    durations: (): readonly number[] => durations.toSorted((a, b) => a - b),
    orders: (): readonly string[] => orders.map(({ id }) => id),
    users: (): readonly User[] => users,
    logIn,
    end: (): void => {
      clearInterval(timer);
      caller.close();
    },
  };
};

export type Load = ReturnType<typeof makeLoad>;
