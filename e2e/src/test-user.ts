// Each journey registers its own user: a run needs no existing accounts and does not interfere with another run.

import { randomUUID } from 'node:crypto';

import type { Registration, Tokens } from './api.ts';
import { expectStatus } from './expect-status.ts';
import type { JourneyContext } from './journey.ts';

export const newRegistration = (): Registration => {
  const username = `e2e-${randomUUID()}`;
  return { username, name: 'Ann Lee', email: `${username}@example.com`, password: 'three quiet rivers' };
};

export type TestUser = Registration & { readonly id: string; readonly token: string; readonly refreshToken: string };

export const logIn = ({ api, step }: JourneyContext, { username, password }: Registration): Promise<Tokens> =>
  step('log in', async () => expectStatus(await api.logIn({ login: username, password }), 200));

/** Adds two steps to the journey. */
export const registerAndLogIn = async (
  context: JourneyContext,
  registration = newRegistration(),
): Promise<TestUser> => {
  const { api, step } = context;
  const { id } = await step('register', async () => expectStatus(await api.registerUser(registration), 201));
  const tokens = await logIn(context, registration);
  return { ...registration, id, token: tokens.access_token, refreshToken: tokens.refresh_token };
};
