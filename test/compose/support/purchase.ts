// The journey that involves every process: register, log in, place an order, wait for its confirmation and its notification.

import { randomUUID } from 'node:crypto';

import { eventually } from '../../support/eventually.ts';

type Json = Readonly<Record<string, unknown>>;

const DEADLINE = { deadlineMs: 60_000, everyMs: 200 };

const call = async (url: string, status: number, body?: Json, token?: string): Promise<Json> => {
  const headers = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (response.status !== status) throw new Error(`${url} returned ${response.status}: ${text}`);
  return JSON.parse(text) as Json;
};

export type Account = { readonly id: string; readonly username: string; readonly password: string };

export const register = async (api: string): Promise<Account> => {
  const username = `ann-${randomUUID()}`;
  const password = 'three quiet rivers';
  const registration = { username, name: 'Ann Lee', email: `${username}@example.com`, password };
  const { id } = await call(`${api}/api/v1/users`, 201, registration);
  return { id: id as string, username, password };
};

/** @returns an access token */
export const logIn = async (api: string, { username, password }: Account): Promise<string> => {
  const response = await call(`${api}/api/v1/auth/login`, 200, { login: username, password });
  return response.access_token as string;
};

/** Places an order. @returns its status once it is confirmed or rejected */
export const order = async (api: string, token: string): Promise<{ id: string; status: string }> => {
  const { id } = await call(`${api}/api/v1/orders`, 202, { amountMinor: 1999, currency: 'EUR' }, token);
  return eventually(async () => {
    const { status } = await call(`${api}/api/v1/orders/${id as string}`, 200, undefined, token);
    if (status === 'placed') throw new Error('The order is still pending.');
    return { id: id as string, status: status as string };
  }, DEADLINE);
};

/** Waits for the first notification about the order. @returns the kinds of all notifications about it */
export const notificationsAbout = (url: string, userId: string, orderId: string): Promise<unknown[]> =>
  eventually(async () => {
    const { notifications } = await call(`${url}/notifications?userId=${userId}`, 200);
    const about = (notifications as Json[]).filter((notification) => notification.orderId === orderId);
    if (about.length === 0) throw new Error('No notification about the order was sent.');
    return about.map(({ kind }) => kind);
  }, DEADLINE);
