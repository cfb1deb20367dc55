// Users during a drill: about ten requests a second, at fixed times, whether earlier ones have been answered or not. Nothing is repeated.

import { randomUUID } from 'node:crypto';

type User = { readonly id: string; readonly username: string; token: string };
type Order = { readonly id: string; readonly token: string; readonly placedAt: number };
type Json = Readonly<Record<string, unknown>>;

/** `at`: milliseconds since the epoch. */
export type Failure = { readonly at: number; readonly what: string };

type Call = { readonly method: string; readonly path: string; readonly body?: Json; readonly token?: string };

const EVERY_MS = 100;
/** A user does not wait longer. */
const TIMEOUT_MS = 5000;
/** What hangs must not fill the memory. */
const MOST_OPEN = 100;
const PASSWORD = 'three quiet rivers';
const USERS = 3;
/** An order that is not decided after this time is a failure that users see. */
const DECIDED_AFTER_MS = 8000;
/** Successful requests in a row after which the system counts as healthy: about two seconds. */
const HEALTHY_AFTER = 20;

/** A second of requests. */
const SECOND = ['read', 'order', 'read', 'readOrder', 'read', 'order', 'readOrder', 'read', 'read', 'signIn'];
const MIX = ['register', ...SECOND, ...SECOND, ...SECOND, ...SECOND];

const codeOf = (body: string): string => /"code": *"(\w+)"/.exec(body)?.[1] ?? '';

const reasonOf = (error: unknown): string => {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  return name === 'TimeoutError' ? `no response within ${TIMEOUT_MS / 1000} s` : (cause?.code ?? String(error));
};

const send = async (url: string, { method, path, body, token }: Call): Promise<{ status: number; text: string }> => {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return { status: response.status, text: await response.text() };
};

/** Runs until `end`. Users see `url` only. */
export const startLoad = (url: string) => {
  const failures: Failure[] = [];
  const users: User[] = [];
  const orders: Order[] = [];
  let requests = 0;
  let open = 0;
  let inARow = 0;

  const fail = (what: string): void => {
    inARow = 0;
    failures.push({ at: Date.now(), what });
  };
  /** @returns the body, undefined after a failure */
  const call = async (expected: number, request: Call): Promise<Json | undefined> => {
    requests += 1;
    const name = `${request.method} ${request.path.replace(/[0-9a-f-]{36}/, ':id')}`;
    try {
      const { status, text } = await send(url, request);
      if (status === expected) {
        inARow += 1;
        return JSON.parse(text) as Json;
      }
      fail(`${name}: ${status} ${codeOf(text)}`.trimEnd());
    } catch (error) {
      fail(`${name}: ${reasonOf(error)}`);
    }
    return undefined;
  };

  const signIn = async (username: string): Promise<string | undefined> => {
    const body = { login: username, password: PASSWORD };
    return (await call(200, { method: 'POST', path: '/auth/login', body }))?.access_token as string | undefined;
  };
  const register = async (): Promise<void> => {
    const username = `u${randomUUID().slice(0, 13)}`;
    const body = { username, name: 'Ann', email: `${username}@example.com`, password: PASSWORD };
    const created = await call(201, { method: 'POST', path: '/users', body });
    const token = created === undefined ? undefined : await signIn(username);
    if (token === undefined) return; // eslint-disable-line security/detect-possible-timing-attacks -- no comparison of tokens
    users.unshift({ id: created?.id as string, username, token });
    users.splice(USERS);
  };
  const order = async ({ token }: User): Promise<void> => {
    const body = { amountMinor: 1999, currency: 'EUR' };
    const placed = await call(202, { method: 'POST', path: '/orders', body, token });
    if (placed !== undefined) orders.push({ id: placed.id as string, token, placedAt: Date.now() });
  };
  const readOrder = async (user: User): Promise<void> => {
    const [oldest] = orders;
    if (oldest === undefined || Date.now() - oldest.placedAt < DECIDED_AFTER_MS) {
      await read(user);
      return;
    }
    orders.shift();
    const found = await call(200, { method: 'GET', path: `/orders/${oldest.id}`, token: oldest.token });
    if (found?.status === 'placed') fail(`an order is not decided after ${DECIDED_AFTER_MS / 1000} s`);
  };
  const read = async ({ id, token }: User): Promise<void> => {
    await call(200, { method: 'GET', path: `/users/${id}`, token });
  };
  const signInAgain = async (user: User): Promise<void> => {
    user.token = (await signIn(user.username)) ?? user.token;
  };
  const operations = new Map<string, (user: User) => Promise<void>>(
    Object.entries({ register, order, readOrder, read, signIn: signInAgain }),
  );

  let turn = 0;
  const tick = (): void => {
    const name = MIX[turn % MIX.length] ?? 'read';
    const user = users[turn % Math.max(1, users.length)];
    turn += 1;
    if (open >= MOST_OPEN) return;
    open += 1;
    const operation = operations.get(name) ?? read;
    void (user === undefined ? register() : operation(user)).finally(() => (open -= 1));
  };
  const timer = setInterval(tick, EVERY_MS);

  return {
    requests: () => requests,
    failures: (): readonly Failure[] => failures,
    firstFailureSince: (at: number): Failure | undefined => failures.find((failure) => failure.at >= at),
    /** @throws Error while requests fail */
    assertHealthy: (): void => {
      if (inARow < HEALTHY_AFTER)
        throw new Error(`requests fail; the last failure: ${failures.at(-1)?.what ?? 'none'}`);
    },
    end: (): void => {
      clearInterval(timer);
    },
  };
};

export type Load = ReturnType<typeof startLoad>;
