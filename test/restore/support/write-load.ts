// Clients that register, read themselves and order, one step after the other, and remember when each write was acknowledged.

import { randomUUID } from 'node:crypto';

export type Acknowledged = {
  readonly kind: 'user' | 'order';
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
};

export type Person = {
  readonly id: string;
  readonly username: string;
  readonly token: string;
  readonly orderId: string;
};

type Call = { readonly method?: string; readonly body?: object; readonly token?: string };

export const PASSWORD = 'three quiet rivers';
const ORDER = { amountMinor: 1999, currency: 'EUR' };

/** @returns the status, and the body when it is JSON */
export const request = async (url: string, { method = 'GET', body, token }: Call = {}) => {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, json: (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, string> };
};

const succeed = async (status: number, url: string, call: Call): Promise<Record<string, string>> => {
  const response = await request(url, call);
  if (response.status !== status) throw new Error(`${url} ${response.status} ${JSON.stringify(response.json)}`);
  return response.json;
};

export const logIn = async (url: string, login: string): Promise<string> => {
  const body = { login, password: PASSWORD };
  return (await succeed(200, `${url}/auth/login`, { method: 'POST', body })).access_token ?? '';
};

/** Erases a user as that user would, with the password entered again. */
export const erase = async (url: string, { id, token }: Person): Promise<void> => {
  const again = await succeed(200, `${url}/auth/reauthenticate`, {
    method: 'POST',
    body: { password: PASSWORD },
    token,
  });
  await succeed(204, `${url}/users/${id}`, { method: 'DELETE', token: again.access_token ?? '' });
};

/** Runs until a request fails or `end` is called. */
export const startWriteLoad = (url: string, clients: number) => {
  const acknowledged: Acknowledged[] = [];
  const people: Person[] = [];
  const stop = new AbortController();
  const note = (kind: Acknowledged['kind'], id = ''): void => {
    acknowledged.push({ kind, id, at: Date.now() });
  };

  const once = async (): Promise<void> => {
    const username = `u${randomUUID().slice(0, 13)}`;
    const user = { username, name: 'Ann', email: `${username}@example.com`, password: PASSWORD };
    const { id = '' } = await succeed(201, `${url}/users`, { method: 'POST', body: user });
    note('user', id);
    const token = await logIn(url, username);
    await succeed(200, `${url}/users/${id}`, { token }); // now it is in the cache
    const order = await succeed(202, `${url}/orders`, { method: 'POST', body: ORDER, token });
    note('order', order.id);
    people.push({ id, username, token, orderId: order.id ?? '' });
  };
  const client = async (): Promise<void> => {
    while (!stop.signal.aborted) await once();
  };
  const running = Promise.allSettled(Array.from({ length: clients }, client));

  return {
    acknowledged,
    /** Those who have ordered. */
    people,
    end: async (): Promise<void> => {
      stop.abort();
      await running;
    },
  };
};

export type WriteLoad = ReturnType<typeof startWriteLoad>;
