// Requests that reach PostgreSQL, at a constant rate, and how many failed.

import { randomUUID } from 'node:crypto';

const EVERY_MS = 50;
const TIMEOUT_MS = 10_000;

const post = async (url: string, status: number, body: object): Promise<Record<string, string>> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status !== status) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Record<string, string>;
};

/** @returns an access token of a new user */
const logIn = async (url: string): Promise<string> => {
  const username = `demo-${randomUUID()}`;
  const password = 'three quiet rivers';
  await post(`${url}/api/v1/users`, 201, { username, name: 'Demo', email: `${username}@example.com`, password });
  const { access_token: token = '' } = await post(`${url}/api/v1/auth/login`, 200, { login: username, password });
  return token;
};

export type Requests = { readonly sent: number; readonly failed: number };

/** Lists and places orders, 20 requests per second, until `stop`. */
export const sendRequests = async (url: string) => {
  const headers = { authorization: `Bearer ${await logIn(url)}`, 'content-type': 'application/json' };
  const pending = new Set<Promise<void>>();
  const count = { sent: 0, failed: 0 };
  const reasons = new Set<string>();
  const fail = (reason: string): void => {
    count.failed += 1;
    reasons.add(reason);
  };
  const send = async (number: number): Promise<void> => {
    const order = { method: 'POST', body: JSON.stringify({ amountMinor: 1999, currency: 'EUR' }) };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const init = { headers, signal, ...(number % 10 === 0 && order) };
    const response = await fetch(`${url}/api/v1/orders`, init);
    if (!response.ok) fail(`${response.status} ${await response.text()}`);
    else await response.arrayBuffer();
  };
  const timer = setInterval(() => {
    count.sent += 1;
    const request = send(count.sent)
      .catch((error: unknown) => {
        fail(String(error));
      })
      .finally(() => pending.delete(request));
    pending.add(request);
  }, EVERY_MS);
  const stop = async (): Promise<Requests> => {
    clearInterval(timer);
    await Promise.all(pending);
    return count;
  };
  return { count: (): Requests => ({ ...count }), reasons: () => [...reasons], stop };
};

export type Sending = Awaited<ReturnType<typeof sendRequests>>;
