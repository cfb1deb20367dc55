// Users and services for tests, created through the API itself.

import { randomUUID } from 'node:crypto';

import type { Api } from '../../../src/http/api.ts';
import { CLIENT } from './make-test-app.ts';

export const PASSWORD = 'three quiet rivers';

type Tokens = { readonly access_token: string; readonly refresh_token: string };

export const newRegistration = () => {
  const username = `u${randomUUID().slice(0, 13)}`;
  return { username, name: 'Ann Lee', email: `${username}@example.com`, password: PASSWORD };
};

/** A registered user who has logged in. */
export const newUser = async (app: Api) => {
  const registration = newRegistration();
  const registered = await app.inject({ method: 'POST', url: '/api/v1/users', payload: registration });
  const payload = { login: registration.username, password: PASSWORD };
  const login = await app.inject({ method: 'POST', url: '/api/v1/auth/login', payload });
  const { access_token, refresh_token } = login.json<Tokens>();
  const { id } = registered.json<{ id: string }>();
  return {
    ...registration,
    id,
    path: `/api/v1/users/${id}`,
    refreshToken: refresh_token,
    headers: { authorization: `Bearer ${access_token}` },
  };
};

/** The headers of a user who has entered the password again: for a change of e-mail address and for erasure. */
export const reauthenticated = async (
  app: Api,
  { headers, password }: TestUser,
): Promise<{ authorization: string }> => {
  const response = await app.inject({
    method: 'POST',
    url: '/api/v1/auth/reauthenticate',
    headers,
    payload: { password },
  });
  return { authorization: `Bearer ${response.json<Tokens>().access_token}` };
};

export type TestUser = Awaited<ReturnType<typeof newUser>>;

/** The headers of a service. @param scope default: it may read and list all users */
export const serviceHeaders = async (app: Api, scope?: string): Promise<{ authorization: string }> => {
  const payload = { ...CLIENT, ...(scope === undefined ? {} : { scope }) };
  const response = await app.inject({ method: 'POST', url: '/api/v1/auth/token', payload });
  return { authorization: `Bearer ${response.json<Tokens>().access_token}` };
};
