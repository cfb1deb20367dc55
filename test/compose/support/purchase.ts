// The one journey that needs every process: registered, signed in, ordered, confirmed, notified.

import { randomUUID } from 'node:crypto';

import { eventually } from '../../support/eventually.ts';

type Json = Readonly<Record<string, unknown>>;

const DEADLINE = { deadlineMs: 60_000, everyMs: 200 };

const ask = async (url: string, status: number, body?: Json, token?: string): Promise<Json> => {
  const headers = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`${url} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as Json;
};

export type Account = { readonly id: string; readonly username: string; readonly password: string };

export const register = async (api: string): Promise<Account> => {
  const username = `ann-${randomUUID()}`;
  const password = 'three quiet rivers';
  const registration = { username, name: 'Ann Lee', email: `${username}@example.com`, password };
  const { id } = await ask(`${api}/api/v1/users`, 201, registration);
  return { id: id as string, username, password };
};

/** An access token. */
export const logIn = async (api: string, { username, password }: Account): Promise<string> => {
  const answer = await ask(`${api}/api/v1/auth/login`, 200, { login: username, password });
  return answer.access_token as string;
};

/** The status of a new order once it is decided. */
export const order = async (api: string, token: string): Promise<{ id: string; status: string }> => {
  const { id } = await ask(`${api}/api/v1/orders`, 202, { amountMinor: 1999, currency: 'EUR' }, token);
  return eventually(async () => {
    const { status } = await ask(`${api}/api/v1/orders/${id as string}`, 200, undefined, token);
    if (status === 'placed') throw new Error('The order is not decided.');
    return { id: id as string, status: status as string };
  }, DEADLINE);
};

/** Kinds of what was sent to the user about the order, waiting for the first. */
export const notificationsAbout = (url: string, userId: string, orderId: string): Promise<unknown[]> =>
  eventually(async () => {
    const { notifications } = await ask(`${url}/notifications?userId=${userId}`, 200);
    const about = (notifications as Json[]).filter((notification) => notification.orderId === orderId);
    if (about.length === 0) throw new Error('Nothing was sent about the order.');
    return about.map(({ kind }) => kind);
  }, DEADLINE);
