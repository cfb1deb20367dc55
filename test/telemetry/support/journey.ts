// What happens in the system while its telemetry is recorded: a registration and an order, and the requests that are refused.

import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Family } from '../../../scripts/telemetry/exposition.ts';
import { eventually } from '../../support/eventually.ts';
import type { System } from './system.ts';

type Reply = { readonly status: number; readonly body: Readonly<Record<string, string>> };

const send = async (
  url: string,
  method = 'GET',
  body?: object,
  token?: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Reply> => {
  const headers = {
    ...more,
    ...(body && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Reply['body'] };
};

/** The sum of the series that have these labels. */
export const valueOf = (
  families: readonly Family[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number =>
  families
    .flatMap(({ samples }) => samples)
    .filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    ) // eslint-disable-line security/detect-object-injection -- a label
    .reduce((sum, { value }) => sum + value, 0);

const reaches = async (read: () => Promise<number>, least: number): Promise<void> =>
  eventually(
    async () => {
      expect(await read()).toBeGreaterThanOrEqual(least);
    },
    { deadlineMs: 30_000, everyMs: 100 },
  );

/** What no telemetry may contain. */
export const makePerson = () => {
  const username = `ann-${randomUUID().slice(0, 8)}`;
  const name = `Ann Quux-${randomUUID().slice(0, 8)}`;
  return {
    username,
    name,
    email: `${username}@canary.example`,
    password: `three quiet rivers ${randomUUID().slice(0, 8)}`,
  };
};

export type Person = ReturnType<typeof makePerson>;

/** Requests that are refused or fail: they have fields and attributes of their own. */
const provoke = async (api: string, person: Person, token: string): Promise<void> => {
  await send(`${api}/api/v1/users/${randomUUID()}`);
  await send(`${api}/api/v1/users`, 'POST', { username: person.username });
  await send(`${api}/api/v1/auth/login`, 'POST', { login: person.username, password: 'a wrong password' });
  await send(`${api}/${randomUUID()}`);
  // a caller's trace context is not continued: its span links to it
  await fetch(`${api}/.well-known/jwks.json`, {
    headers: { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` },
  });
  await send(`${api}/api/v1/auth/reauthenticate`, 'POST', { password: person.password }, token);
};

/** What else a user does: each has log fields of its own. */
const changeAccount = async (user: string, { password }: Person, token: string): Promise<void> => {
  await send(user, 'PATCH', { name: 'Ann Changed' }, token, { 'if-match': '"1"' });
  const change = { oldPassword: password, newPassword: `${password} more` };
  expect(await send(`${user}/password`, 'PUT', change, token)).toMatchObject({ status: 204 });
};

/** @returns the ids of the user and of the order */
export const runJourney = async ({ api, relay, worker, example }: System, person: Person) => {
  const { body: user } = await send(`${api.url}/api/v1/users`, 'POST', person);
  const signIn = { login: person.username, password: person.password };
  const { body: session } = await send(`${api.url}/api/v1/auth/login`, 'POST', signIn);
  const token = session.access_token ?? '';
  const { body: order } = await send(`${api.url}/api/v1/orders`, 'POST', { amountMinor: 1999, currency: 'EUR' }, token);
  for (let read = 0; read < 3; read += 1)
    await send(`${api.url}/api/v1/users/${user.id ?? ''}`, 'GET', undefined, token);
  await provoke(api.url, person, token);
  await changeAccount(`${api.url}/api/v1/users/${user.id ?? ''}`, person, token);
  await reaches(async () => valueOf(await worker.families(), 'orders_decided_total'), 1);
  await reaches(async () => valueOf(await relay.families(), 'outbox_published_total'), 3);
  await reaches(
    async () =>
      (
        await fetch(`${example.url}/notifications?userId=${user.id ?? ''}`).then(
          (r) => r.json() as Promise<{ notifications: [] }>,
        )
      ).notifications.length,
    2,
  );
  const named = async (running: { families: () => Promise<Family[]> }, name: string) =>
    (await running.families()).find((family) => family.name === name)?.samples.length ?? 0;
  await reaches(() => named(worker, 'consumer_lag_messages'), 1);
  await reaches(() => named(relay, 'outbox_events'), 1);
  return { userId: user.id ?? '', orderId: order.id ?? '' };
};
