// The use cases of the domain, wired to their adapters.

import type { Pool } from 'pg';
import { makeChangePassword } from '../auth/change-password.ts';
import { makeIssueClientToken } from '../auth/issue-client-token.ts';
import { makeLogIn } from '../auth/log-in.ts';
import { makeLogOut } from '../auth/log-out.ts';
import { hashingBusy, makePasswordHasher } from '../auth/passwords/password-hasher.ts';
import { findPasswordFaults } from '../auth/passwords/password-policy.ts';
import type { AuthTelemetry, RevocationList } from '../auth/ports.ts';
import { makeAssertReauthenticated, makeReauthenticate } from '../auth/reauthenticate.ts';
import { makeRefreshSession } from '../auth/refresh-session.ts';
import { makeTokenIssuer } from '../auth/tokens/token-issuer.ts';
import { longestLifetime, makeTokenVerifier } from '../auth/tokens/token-verifier.ts';
import type { Config } from '../config/schema.ts';
import { makeIdempotent } from '../idempotency/idempotent.ts';
import { makeListOrders } from '../orders/list-orders.ts';
import { makePlaceOrder } from '../orders/place-order.ts';
import type { AcceptsOrders, OrderTelemetry } from '../orders/ports.ts';
import { makeReadOrder } from '../orders/read-order.ts';
import { makeCredentialReader } from '../postgres/auth/credential-reader.ts';
import { expiredKeys, expiredSessions } from '../postgres/expired-rows.ts';
import { makeIdempotencyStore } from '../postgres/idempotency/idempotency-store.ts';
import { makeOrderPlacementStore } from '../postgres/orders/order-placement-store.ts';
import { makeOrderReader } from '../postgres/orders/order-reader.ts';
import { makeErasureStore } from '../postgres/users/erasure-store.ts';
import { makeRegistrationStore } from '../postgres/users/registration-store.ts';
import { makeSessionStore } from '../postgres/auth/session-store.ts';
import { makeTransact } from '../postgres/transact.ts';
import { makeUserReader } from '../postgres/users/user-reader.ts';
import { makeUserDirectory } from '../postgres/users/user-directory.ts';
import type { GuessLimit } from '../rate-limit/ports.ts';
import { makeBoundedConcurrency } from '../resilience/bounded-concurrency.ts';
import { accessDenied, userNotFound } from '../users/access.ts';
import { makeChangeProfile } from '../users/change-profile.ts';
import { makeEraseUser } from '../users/erase-user.ts';
import { makeFinishErasures } from '../users/finish-erasures.ts';
import { makeListUsers } from '../users/list-users.ts';
import type { UserTelemetry } from '../users/ports.ts';
import type { UserCache, UserReader } from '../users/reader.ts';
import { makeReadUser } from '../users/read-user.ts';
import { makeRegisterUser } from '../users/register-user.ts';
import type { UserId } from '../users/user.ts';

type Deps = {
  readonly config: Config<'auth'>['auth'];
  readonly pool: Pool;
  readonly users: UserReader & UserCache;
  readonly revocations: RevocationList;
  readonly guesses: GuessLimit;
  readonly acceptsOrders: AcceptsOrders;
  readonly telemetry: UserTelemetry & OrderTelemetry & AuthTelemetry;
};

export const makeUseCases = ({ config, pool, users, revocations, guesses, acceptsOrders, telemetry }: Deps) => {
  const now = (): Date => new Date();
  const transact = makeTransact(pool);
  const registrations = makeRegistrationStore(pool);
  const placements = makeOrderPlacementStore(pool);
  const orders = makeOrderReader(pool);
  const credentials = makeCredentialReader(pool);
  const sessions = makeSessionStore(pool);
  const idempotent = makeIdempotent({ store: makeIdempotencyStore(pool) });
  const hashing = makeBoundedConcurrency({
    concurrency: config.hashConcurrency,
    queueLimit: config.hashQueue,
    onFull: hashingBusy,
  });
  const hasher = makePasswordHasher({
    run: hashing.run,
    memoryKib: config.argon2MemoryKib,
    passes: config.argon2Passes,
    parallelism: config.argon2Parallelism,
  });
  const readKeySet = config.signingKeys;
  const { issuer, audience, accessTokenTtlSeconds: ttlSeconds } = config;
  const issueToken = makeTokenIssuer({ readKeySet, issuer, audience, ttlSeconds, now });
  /** What is kept about a user outside of the database. */
  const erased = async (id: UserId): Promise<void> => {
    await Promise.all([users.erased(id), guesses.forget(id)]);
  };
  const maxLifetimeSeconds = config.sessionMaxLifetimeSeconds;
  const refreshTtlSeconds = Math.min(config.refreshTokenTtlSeconds, maxLifetimeSeconds);
  const lifetimes = { refreshTtlSeconds, maxLifetimeSeconds };
  const maxAgeSeconds = config.reauthenticationMaxAgeSeconds;
  const assertReauthenticated = makeAssertReauthenticated({ maxAgeSeconds, now });
  const signIn = { credentials, guesses, hasher, issueToken, telemetry, now };
  const finish = makeFinishErasures({ erasures: makeErasureStore(pool), elapsedMs: () => performance.now() });

  return {
    registerUser: makeRegisterUser({
      ...{ registrations, idempotent, users: makeUserReader(pool), credentials },
      ...{ hasher, findPasswordFaults, telemetry, now },
    }),
    readUser: makeReadUser({ users }),
    listUsers: makeListUsers({ directory: makeUserDirectory(pool), telemetry }),
    changeProfile: makeChangeProfile({ transact, cache: users, telemetry, now, assertReauthenticated }),
    eraseUser: makeEraseUser({
      ...{ transact, cache: { erased }, revocations, telemetry, finish, now, assertReauthenticated },
    }),
    placeOrder: makePlaceOrder({ placements, orders, idempotent, acceptsOrders, telemetry, now }),
    readOrder: makeReadOrder({ orders }),
    listOrders: makeListOrders({ orders }),
    logIn: makeLogIn({ ...signIn, sessions, transact, refreshTtlSeconds }),
    refreshSession: makeRefreshSession({ sessions, issueToken, revocations, telemetry, now, ...lifetimes }),
    reauthenticate: makeReauthenticate(signIn),
    logOut: makeLogOut({ sessions, revocations, telemetry }),
    changePassword: makeChangePassword({
      credentials,
      guesses,
      transact,
      hasher,
      revocations,
      telemetry,
      userNotFound,
      accessDenied,
    }),
    issueClientToken: makeIssueClientToken({ readClients: config.clients, issueToken, telemetry }),
    verifyAccessToken: makeTokenVerifier({
      readKeySet,
      issuer,
      audience,
      maxLifetimeSeconds: longestLifetime(config),
      revocations,
      now,
    }),
    hashingLoad: hashing.load,
    publicJwks: () => ({ keys: [...readKeySet().publicJwks] }),
    /** Dependencies of the demo account of `npm start`. */
    demo: { credentials, transact, hasher },
    /** The tables whose expired rows an api process deletes. */
    expiredRows: [expiredSessions(pool), expiredKeys(pool)],
    /** Resumes the erasures of users with many orders. */
    finishErasures: finish.all,
  };
};

export type UseCases = ReturnType<typeof makeUseCases>;
