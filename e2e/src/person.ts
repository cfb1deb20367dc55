// Whoever makes a journey registers for it: no run needs accounts that were there before, nor meets those of another run.

import { randomUUID } from 'node:crypto';

import type { Registration, Tokens } from './api.ts';
import { expectStatus } from './expect-status.ts';
import type { Traveller } from './journey.ts';

export const newRegistration = (): Registration => {
  const username = `e2e-${randomUUID()}`;
  return { username, name: 'Ann Lee', email: `${username}@example.com`, password: 'three quiet rivers' };
};

export type Person = Registration & { readonly id: string; readonly token: string; readonly refreshToken: string };

export const logIn = ({ api, step }: Traveller, { username, password }: Registration): Promise<Tokens> =>
  step('log in', async () => expectStatus(await api.logIn({ login: username, password }), 200));

/** Two steps: registers, and logs in. */
export const arrive = async (traveller: Traveller, registration = newRegistration()): Promise<Person> => {
  const { api, step } = traveller;
  const { id } = await step('register', async () => expectStatus(await api.registerUser(registration), 201));
  const tokens = await logIn(traveller, registration);
  return { ...registration, id, token: tokens.access_token, refreshToken: tokens.refresh_token };
};
