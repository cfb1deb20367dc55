// `helm test`: registers a user, logs in, places an order and waits until it is confirmed. Prints one line per step; exits with 1 at the first failure.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const [base = ''] = process.argv.slice(2);
const username = `journey-${randomUUID()}`;
const password = randomUUID();
const CONFIRMED_WITHIN_MS = 60_000;

type Request = { readonly body?: object; readonly token?: string | undefined; readonly status: number };
type ResponseBody = Readonly<Record<string, string>>;

const call = async (method: string, path: string, { body, token, status }: Request): Promise<ResponseBody> => {
  const response = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(5000),
  });
  const text = await response.text();
  assert.equal(response.status, status, `${method} ${path} returned ${response.status}: ${text}`);
  return text === '' ? {} : (JSON.parse(text) as ResponseBody);
};

const registration = { username, name: 'A Journey', email: `${username}@example.com`, password };
const { id } = await call('POST', '/users', { body: registration, status: 201 });
console.log('registered');
const { access_token: token } = await call('POST', '/auth/login', { body: { login: username, password }, status: 200 });
console.log('logged in');
const order = { amountMinor: 1999, currency: 'EUR' };
const { id: orderId } = await call('POST', '/orders', { body: order, token, status: 202 });
console.log('order placed');

const deadline = Date.now() + CONFIRMED_WITHIN_MS;
let status: string | undefined = 'placed';
while (status === 'placed') {
  assert.ok(Date.now() < deadline, 'the order is still pending: check that relay and worker are running');
  await pause(500);
  ({ status } = await call('GET', `/orders/${orderId}`, { token, status: 200 }));
}
assert.equal(status, 'confirmed');
console.log('order confirmed');
const { access_token: again } = await call('POST', '/auth/reauthenticate', { body: { password }, token, status: 200 });
await call('DELETE', `/users/${id}`, { token: again, status: 204 });
console.log('account erased');
