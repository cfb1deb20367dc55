import fc from 'fast-check';

import { PASSWORDS } from './accounts.ts';
import { bearer, command, expectDone, expectRefused, hasSessions, isRefused, pick, type Answer } from './command.ts';
import { endSessions, findByLogin } from './model.ts';

type Tokens = { readonly access_token: string; readonly refresh_token: string };

const tokensOf = ({ body }: Answer): Tokens => JSON.parse(body) as Tokens;

/** With the password that is right when there is such an account, unless `guess` is another one. */
export const logIn = (values: { login: string; guess?: string | undefined }) =>
  command('log in', values, async (model, { send }) => {
    const account = findByLogin(model, values.login);
    const password = values.guess ?? account?.password ?? PASSWORDS[0];
    const payload = { login: values.login, password };
    const answer = await send({ method: 'POST', url: '/api/v1/auth/login', payload });

    // eslint-disable-next-line security/detect-possible-timing-attacks -- a model keeps no secrets
    if (account?.password !== password) {
      expectRefused(answer, 401, 'CREDENTIALS_WRONG');
      return;
    }
    expectDone(answer, { status: 200 });
    const { access_token: accessToken, refresh_token } = tokensOf(answer);
    model.sessions.push({ account, accessToken, refreshTokens: [refresh_token], ended: false });
  });

/** With the newest token, or with one that was used before: then the session ends for both who have one. */
export const refresh = (values: { as: number; reuse: boolean }) =>
  command(
    'refresh',
    values,
    async (model, { send }) => {
      const session = pick(model.sessions, values.as);
      const newest = session.refreshTokens.at(-1) ?? '';
      const token = values.reuse ? pick(session.refreshTokens, values.as) : newest;
      const payload = { refresh_token: token };
      const answer = await send({ method: 'POST', url: '/api/v1/auth/refresh', payload });

      if (session.ended || token !== newest) {
        expectRefused(answer, 401, 'REFRESH_TOKEN_INVALID');
        session.ended = true;
        return;
      }
      expectDone(answer, { status: 200 });
      session.accessToken = tokensOf(answer).access_token;
      session.refreshTokens.push(tokensOf(answer).refresh_token);
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
      const answer = await send({ method: 'POST', url: '/api/v1/auth/logout', headers });

      if (isRefused(session, answer)) return;
      expectDone(answer, { status: 204, body: undefined });
      session.ended = true;
    },
    hasSessions,
  );

export const changePassword = (values: { as: number; right: boolean; newPassword: string }) =>
  command(
    'change password',
    values,
    async (model, { send }) => {
      const session = pick(model.sessions, values.as);
      const { account } = session;
      const answer = await send({
        method: 'PUT',
        url: `/api/v1/users/${account.document.id}/password`,
        headers: bearer(session.accessToken),
        payload: { oldPassword: values.right ? account.password : 'a wrong password', newPassword: values.newPassword },
      });

      if (isRefused(session, answer)) return;
      if (!values.right) {
        expectRefused(answer, 403, 'PASSWORD_WRONG');
        return;
      }
      expectDone(answer, { status: 204, body: undefined });
      account.password = values.newPassword;
      endSessions(model, account, session);
    },
    hasSessions,
  );

const login = fc
  .tuple(fc.constantFrom('ann', 'BOB', 'bob', 'cleo', 'Dora', 'nobody'), fc.constantFrom('', '', '@EXAMPLE.com'))
  .map((parts) => parts.join(''));
const guess = fc.option(fc.constantFrom(...PASSWORDS), { nil: undefined, freq: 2 });

export const sessionCommands = {
  logIn: fc.record({ login, guess }).map(logIn),
  refresh: fc.record({ as: fc.nat(99), reuse: fc.boolean() }).map(refresh),
  logOut: fc.record({ as: fc.nat(99) }).map(logOut),
  changePassword: fc
    .record({ as: fc.nat(99), right: fc.boolean(), newPassword: fc.constantFrom(...PASSWORDS) })
    .map(changePassword),
};
