import fc from 'fast-check';

import { PASSWORDS } from './accounts.ts';
import {
  bearer,
  command,
  expectResponse,
  expectProblem,
  hasSessions,
  expectRejectedIfEnded,
  pick,
  type HttpResponse,
} from './command.ts';
import { endSessions, findByLogin } from './model.ts';

type Tokens = { readonly access_token: string; readonly refresh_token: string };

const tokensOf = ({ body }: HttpResponse): Tokens => JSON.parse(body) as Tokens;

/** Uses `guess` as the password. Default: the correct one, if the account exists. */
export const logIn = (values: { login: string; guess?: string | undefined }) =>
  command('log in', values, async (model, { send }) => {
    const account = findByLogin(model, values.login);
    const password = values.guess ?? account?.password ?? PASSWORDS[0];
    const payload = { login: values.login, password };
    const response = await send({ method: 'POST', url: '/api/v1/auth/login', payload });

    // eslint-disable-next-line security/detect-possible-timing-attacks -- a model has no secrets
    if (account?.password !== password) {
      expectProblem(response, 401, 'CREDENTIALS_WRONG');
      return;
    }
    expectResponse(response, { status: 200 });
    const { access_token: accessToken, refresh_token } = tokensOf(response);
    model.sessions.push({ account, accessToken, refreshTokens: [refresh_token], ended: false });
  });

/** Uses the newest token, or an earlier one: its reuse ends the session. */
export const refresh = (values: { as: number; reuse: boolean }) =>
  command(
    'refresh',
    values,
    async (model, { send }) => {
      const session = pick(model.sessions, values.as);
      const newest = session.refreshTokens.at(-1) ?? '';
      const token = values.reuse ? pick(session.refreshTokens, values.as) : newest;
      const payload = { refresh_token: token };
      const response = await send({ method: 'POST', url: '/api/v1/auth/refresh', payload });

      if (session.ended || token !== newest) {
        expectProblem(response, 401, 'REFRESH_TOKEN_INVALID');
        session.ended = true;
        return;
      }
      expectResponse(response, { status: 200 });
      session.accessToken = tokensOf(response).access_token;
      session.refreshTokens.push(tokensOf(response).refresh_token);
    },
    hasSessions,
  );

export const logOut = (values: { as: number }) =>
  command(
    'log out',
    values,
    async (model, { send }) => {
      const session = pick(model.sessions, values.as);
      const headers = bearer(session.accessToken);
      const response = await send({ method: 'POST', url: '/api/v1/auth/logout', headers });

      if (expectRejectedIfEnded(session, response)) return;
      expectResponse(response, { status: 204, body: undefined });
      session.ended = true;
    },
    hasSessions,
  );

export const changePassword = (values: { as: number; correct: boolean; newPassword: string }) =>
  command(
    'change password',
    values,
    async (model, { send }) => {
      const session = pick(model.sessions, values.as);
      const { account } = session;
      const response = await send({
        method: 'PUT',
        url: `/api/v1/users/${account.representation.id}/password`,
        headers: bearer(session.accessToken),
        payload: {
          oldPassword: values.correct ? account.password : 'a wrong password',
          newPassword: values.newPassword,
        },
      });

      if (expectRejectedIfEnded(session, response)) return;
      if (!values.correct) {
        expectProblem(response, 403, 'PASSWORD_WRONG');
        return;
      }
      if (account.password === values.newPassword) {
        expectProblem(response, 400, 'PASSWORD_UNACCEPTABLE');
        return;
      }
      expectResponse(response, { status: 204, body: undefined });
      account.password = values.newPassword;
      endSessions(model, account, session);
    },
    hasSessions,
  );

const login = fc
  .tuple(fc.constantFrom('ann', 'BOB', 'bob', 'cleo', 'Dora', 'unknown'), fc.constantFrom('', '', '@EXAMPLE.com'))
  .map((parts) => parts.join(''));
const guess = fc.option(fc.constantFrom(...PASSWORDS), { nil: undefined, freq: 2 });

export const sessionCommands = {
  logIn: fc.record({ login, guess }).map(logIn),
  refresh: fc.record({ as: fc.nat(99), reuse: fc.boolean() }).map(refresh),
  logOut: fc.record({ as: fc.nat(99) }).map(logOut),
  changePassword: fc
    .record({ as: fc.nat(99), correct: fc.boolean(), newPassword: fc.constantFrom(...PASSWORDS) })
    .map(changePassword),
};
