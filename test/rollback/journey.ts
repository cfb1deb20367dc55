// A client's journey from registration to erasure with the expected responses. It only knows the URL of the service, so it works with every release.

import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.ts';

type Call = {
  readonly body?: object;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
};
type Json = Readonly<Record<string, string>>;

export type JourneyOptions = {
  /** Whether the release supports orders. */
  readonly orders: boolean;
  /** Whether a worker is running that confirms them. */
  readonly decided?: boolean;
};

const PASSWORD = 'three quiet rivers';

const makeCall = (url: string) => {
  const done: string[] = [];
  const call = async (
    method: string,
    path: string,
    status: number | readonly number[],
    { body, token, headers = {} }: Call = {},
  ) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const step = `${method} ${path.replace(/[\da-f-]{36}/, '{id}')}`;
    if (![status].flat().includes(response.status))
      throw new Error(`${step} returned ${response.status}, not ${String(status)}: ${text}`);
    done.push(step);
    return { json: (text.startsWith('{') ? JSON.parse(text) : {}) as Json, etag: response.headers.get('etag') ?? '' };
  };
  return { call, done };
};

const order = async ({ call }: ReturnType<typeof makeCall>, token: string, decided: boolean): Promise<void> => {
  const placed = await call('POST', '/orders', 202, { body: { amountMinor: 1999, currency: 'EUR' }, token });
  await call('GET', '/orders', 200, { token });
  if (!decided) return;
  await eventually(
    async () => {
      const { json } = await call('GET', `/orders/${placed.json.id ?? ''}`, 200, { token });
      if (json.status !== 'confirmed') throw new Error(`The order is ${json.status ?? 'missing'}, not confirmed.`);
    },
    { deadlineMs: 30_000, everyMs: 200 },
  );
};

/**
 * @param url base URL of the API, e.g. `http://127.0.0.1:8080/api/v1`
 * @returns the user's id and the number of responses, all of which were as expected
 * @throws for the first unexpected response
 */
export const runJourney = async (url: string, { orders, decided = false }: JourneyOptions) => {
  const { call, done } = makeCall(url);
  const username = `u${randomUUID().slice(0, 13)}`;
  const body = { username, name: 'Ann', email: `${username}@example.com`, password: PASSWORD };
  const headers = { 'idempotency-key': randomUUID() };
  const registered = await call('POST', '/users', 201, { body, headers });
  const again = await call('POST', '/users', 201, { body, headers });
  const userId = registered.json.id ?? '';
  if (again.json.id !== userId) throw new Error('A repeated Idempotency-Key created a second user.');
  await call('POST', '/users', 409, { body });

  const login = (password: string, status: number) =>
    call('POST', '/auth/login', status, { body: { login: username, password } });
  const session = (await login(PASSWORD, 200)).json;
  const refreshed = await call('POST', '/auth/refresh', 200, { body: { refresh_token: session.refresh_token } });
  const token = refreshed.json.access_token ?? '';
  const path = `/users/${userId}`;
  const read = await call('GET', path, 200, { token });
  await call('GET', path, 304, { token, headers: { 'if-none-match': read.etag } });
  const changed = await call('PATCH', path, 200, { body: { name: 'Bea' }, token, headers: { 'if-match': read.etag } });
  if (changed.json.name !== 'Bea') throw new Error('The name was not changed.');
  await call('PATCH', path, 412, { body: { name: 'Cleo' }, token, headers: { 'if-match': read.etag } });
  if (orders) await order({ call, done }, token, decided);
  await login('not the password', 401);
  const last = (await login(PASSWORD, 200)).json.access_token ?? '';
  // a release without step-up has no such route, and erases with the ordinary token
  const entered = await call('POST', '/auth/reauthenticate', [200, 404], { body: { password: PASSWORD }, token: last });
  await call('DELETE', path, 204, { token: entered.json.access_token ?? last });
  await login(PASSWORD, 401);
  return { userId, responses: done.length };
};
