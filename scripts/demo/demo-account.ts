// The account `demo`, made through the API like any other. Its password is generated once and kept in a Secret of the namespace.

import { randomBytes } from 'node:crypto';

import { apply, kubectl } from '../kubernetes/run.ts';

export const ACCOUNT_SECRET = 'demo-account';

export type DemoAccount = { readonly id: string; readonly username: string; readonly password: string };

const USERNAME = 'demo';

const readPassword = async (namespace: string): Promise<string> => {
  const where = ['--namespace', namespace, '--ignore-not-found', '--output', 'jsonpath={.data.password}'];
  return Buffer.from(await kubectl(['get', 'secret', ACCOUNT_SECRET, ...where]), 'base64').toString();
};

const ensurePassword = async (namespace: string): Promise<string> => {
  const existing = await readPassword(namespace);
  if (existing !== '') return existing;
  const stringData = { username: USERNAME, password: randomBytes(15).toString('base64url') };
  await apply(namespace, { apiVersion: 'v1', kind: 'Secret', metadata: { name: ACCOUNT_SECRET }, stringData });
  return stringData.password;
};

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });

const subjectOf = (token: string): string => {
  const [, claims = ''] = token.split('.');
  return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string }).sub;
};

/**
 * Logs in, and registers the account when that is refused.
 * @param api e.g. http://localhost:8080/api/v1
 * @throws Error when somebody changed the password of the account
 */
export const ensureDemoAccount = async (api: string, namespace: string): Promise<DemoAccount> => {
  const password = await ensurePassword(namespace);
  const login = await post(`${api}/auth/login`, { login: USERNAME, password });
  if (login.ok) {
    const { access_token: token } = (await login.json()) as { access_token: string };
    return { id: subjectOf(token), username: USERNAME, password };
  }
  const account = { username: USERNAME, name: 'Demo User', email: 'demo@example.com', password };
  const registration = await post(`${api}/users`, account);
  if (registration.status === 201) {
    return { id: ((await registration.json()) as { id: string }).id, username: USERNAME, password };
  }
  if (registration.status === 409) {
    throw new Error(
      `The account "${USERNAME}" exists, and its password was changed: log in with the new one, or start over with npm run demo:kind -- --down.`,
    );
  }
  throw new Error(`Registering the account "${USERNAME}" failed: ${registration.status} ${await registration.text()}`);
};
