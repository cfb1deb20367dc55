// The use cases of a session on real PostgreSQL, with a password hasher that a test can stop between two steps.

import { randomUUID } from 'node:crypto';

import type pg from 'pg';

import { makeChangePassword } from '../../../src/auth/change-password.ts';
import { makeLogIn } from '../../../src/auth/log-in.ts';
import { makePasswordHasher } from '../../../src/auth/passwords/password-hasher.ts';
import type { AuthTelemetry, PasswordHasher } from '../../../src/auth/ports.ts';
import { makeReauthenticate } from '../../../src/auth/reauthenticate.ts';
import { makeRefreshSession } from '../../../src/auth/refresh-session.ts';
import type { IssueToken } from '../../../src/auth/tokens/token-issuer.ts';
import { makeCredentialReader } from '../../../src/postgres/auth/credential-reader.ts';
import { makeSessionStore } from '../../../src/postgres/auth/session-store.ts';
import { makeTransact } from '../../../src/postgres/transact.ts';
import { makeErasureStore } from '../../../src/postgres/users/erasure-store.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { accessDenied, userNotFound } from '../../../src/users/access.ts';
import { makeEraseUser } from '../../../src/users/erase-user.ts';
import { makeFinishErasures } from '../../../src/users/finish-erasures.ts';
import { CLIENT_ADDRESS, makeFakeGuesses } from '../../support/fakes/guesses.ts';
import { userPrincipal } from '../../support/fakes/principals.ts';
import { makeFakeRevocations } from '../../support/fakes/recorder.ts';
import { makeTelemetryRecorder } from '../../support/fakes/telemetry.ts';
import { aRegistration } from '../postgres/arrange.ts';

export const OLD = 'three quiet rivers';
export const NEW = 'four loud oceans';

const run = <T>(work: () => Promise<T>): Promise<T> => work();

/** Argon2 with `passes`, cheap. */
export const aHasher = (passes = 1): PasswordHasher =>
  makePasswordHasher({ run, memoryKib: 8, passes, parallelism: 1 });

/** The hasher, but `between` runs once after the first password was verified and before the result is returned. */
export const interrupted = (hasher: PasswordHasher, between: () => Promise<unknown>): PasswordHasher => {
  let isFirst = true;
  return {
    ...hasher,
    verify: async (password, phc) => {
      const isRight = await hasher.verify(password, phc);
      const mayInterrupt = isFirst;
      isFirst = false;
      if (mayInterrupt) await between();
      return isRight;
    },
  };
};

const issueToken: IssueToken = (grant) =>
  Promise.resolve({ access_token: JSON.stringify(grant), token_type: 'Bearer', expires_in: 300, scope: '' });

const COUNT = 'SELECT count(*)::integer AS count FROM sessions WHERE user_id = $1';

/** The use cases for one new user, whose password is `OLD`. */
export const arrangeUser = async (pool: pg.Pool) => {
  const registration = aRegistration();
  const { id, username } = registration.user;
  await makeRegistrationStore(pool).insert({ ...registration, passwordHash: await aHasher().hash(OLD) });
  const { reported, telemetry } = makeTelemetryRecorder<AuthTelemetry>();
  const { revoked, revocations } = makeFakeRevocations();
  const [credentials, transact] = [makeCredentialReader(pool), makeTransact(pool)];
  const now = (): Date => new Date();
  const { guesses } = makeFakeGuesses();
  const common = { credentials, guesses, sessions: makeSessionStore(pool), transact, revocations, telemetry, now };
  const principal = userPrincipal(id, randomUUID());
  const assertReauthenticated = (): void => undefined;
  const cache = { erased: () => Promise.resolve() };
  const finish = makeFinishErasures({ erasures: makeErasureStore(pool), elapsedMs: () => performance.now() });
  const userTelemetry = { userErased: () => undefined };

  return {
    ...{ id, username, credentials, reported, revoked },
    logIn: (password: string, hasher = aHasher()) =>
      makeLogIn({ ...common, hasher, issueToken, refreshTtlSeconds: 60 })(
        { login: username, password },
        CLIENT_ADDRESS,
      ),
    refresh: (token: string) =>
      makeRefreshSession({ ...common, issueToken, refreshTtlSeconds: 60, maxLifetimeSeconds: 3600 })(token),
    reauthenticate: (password: string, sessionId: string, hasher = aHasher()) =>
      makeReauthenticate({ ...common, hasher, issueToken })(userPrincipal(id, sessionId), password, CLIENT_ADDRESS),
    endSession: (sessionId: string) => common.sessions.end(sessionId),
    changePassword: () => {
      const change = makeChangePassword({ ...common, hasher: aHasher(), userNotFound, accessDenied });
      return change(principal, id, { oldPassword: OLD, newPassword: NEW }, CLIENT_ADDRESS);
    },
    erase: () =>
      makeEraseUser({ transact, cache, revocations, telemetry: userTelemetry, finish, now, assertReauthenticated })(
        principal,
        id,
      ),
    countSessions: async (): Promise<number | undefined> =>
      (await pool.query<{ count: number }>(COUNT, [id])).rows[0]?.count,
  };
};
