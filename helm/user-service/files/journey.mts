// `helm test`, and the synthetic journey of docs/synthetics.md: registers a user, logs in, places an order, waits until it is confirmed, and erases the
// account, after a failure too. Prints one line of JSON with the duration of each step. Exits with 1 if a step failed.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const [base = '', confirmedWithinSeconds = '60'] = process.argv.slice(2);
const username = `journey-${randomUUID()}`;
const password = randomUUID();

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

const steps: Record<string, number> = {};
const failures: { step: string; error: string }[] = [];

const messageOf = (error: unknown): string => {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
};

/** Runs a step and records how long it took. A failure is recorded and thrown. */
const step = async <T,>(name: string, work: () => Promise<T>): Promise<T> => {
  const begin = performance.now();
  try {
    return await work();
  } catch (error) {
    failures.push({ step: name, error: messageOf(error) });
    throw error;
  } finally {
    // eslint-disable-next-line security/detect-object-injection -- names of this file
    steps[name] = Math.round(performance.now() - begin);
  }
};

const logIn = async (): Promise<string | undefined> => {
  const { access_token: token } = await call('POST', '/auth/login', {
    body: { login: username, password },
    status: 200,
  });
  return token;
};

const waitForConfirmation = async (orderId: string | undefined, token: string | undefined): Promise<void> => {
  const deadline = Date.now() + Number(confirmedWithinSeconds) * 1000;
  let status: string | undefined = 'placed';
  while (status === 'placed') {
    assert.ok(Date.now() < deadline, 'the order is still pending: check that relay and worker are running');
    await pause(500);
    ({ status } = await call('GET', `/orders/${orderId ?? ''}`, { token, status: 200 }));
  }
  assert.equal(status, 'confirmed');
};

const purchase = async (token: string | undefined): Promise<void> => {
  const order = { amountMinor: 1999, currency: 'EUR' };
  const { id } = await step('place order', () => call('POST', '/orders', { body: order, token, status: 202 }));
  await step('confirmation', () => waitForConfirmation(id, token));
};

const erase = async (id: string | undefined, token: string | undefined): Promise<void> => {
  const again = await call('POST', '/auth/reauthenticate', { body: { password }, token, status: 200 });
  await call('DELETE', `/users/${id ?? ''}`, { token: again.access_token, status: 204 });
};

/** Names of users that could not be erased. */
const left = new Set<string>();
const run = async (): Promise<void> => {
  const registration = { username, name: 'A Journey', email: `${username}@example.com`, password };
  left.add(username); // also after a registration without a response
  const { id } = await step('register', () => call('POST', '/users', { body: registration, status: 201 }));
  const token = await step('log in', logIn);
  try {
    await purchase(token);
  } finally {
    await step('erase', () => erase(id, token));
    left.delete(username);
  }
};

const begin = performance.now();
await run().catch(() => (process.exitCode = 1));
const outcome = failures.length === 0 ? 'journey succeeded' : 'journey failed';
const durations = { duration_ms: Math.round(performance.now() - begin), steps };
console.log(JSON.stringify({ msg: outcome, journey: 'purchase', ...durations, failures, left: [...left] }));
