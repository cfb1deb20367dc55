// The use cases of the domain, wired to their adapters.

import type { Pool } from 'pg';
import { makeChangePassword } from '../auth/change-password.ts';
import { makeIssueClientToken } from '../auth/issue-client-token.ts';
import { makeKeySet } from '../auth/tokens/key-set.ts';
import { makeLogIn } from '../auth/log-in.ts';
import { makeLogOut } from '../auth/log-out.ts';
import { hashingBusy, makePasswordHasher } from '../auth/passwords/password-hasher.ts';
import { findPasswordFaults } from '../auth/passwords/password-policy.ts';
import type { AuthTelemetry, RevocationList } from '../auth/ports.ts';
import { makeRefreshSession } from '../auth/refresh-session.ts';
import { makeTokenIssuer } from '../auth/tokens/token-issuer.ts';
import { makeTokenVerifier } from '../auth/tokens/token-verifier.ts';
import type { Config } from '../config/schema.ts';
import { makeIdempotent } from '../idempotency/idempotent.ts';
import { makeListOrders } from '../orders/list-orders.ts';
import { makePlaceOrder } from '../orders/place-order.ts';
import type { OrderTelemetry } from '../orders/ports.ts';
import { makeReadOrder } from '../orders/read-order.ts';
import { makeCredentialReader } from '../postgres/auth/credential-reader.ts';
import { makeIdempotencyStore } from '../postgres/idempotency/idempotency-store.ts';
import { makeOrderPlacementStore } from '../postgres/orders/order-placement-store.ts';
import { makeOrderReader } from '../postgres/orders/order-reader.ts';
import { makeErasureStore } from '../postgres/users/erasure-store.ts';
import { makeRegistrationStore } from '../postgres/users/registration-store.ts';
import { makeSessionStore } from '../postgres/auth/session-store.ts';
import { makeTransact } from '../postgres/transact.ts';
import { makeUserDirectory } from '../postgres/users/user-directory.ts';
import { makeBoundedConcurrency } from '../resilience/bounded-concurrency.ts';
import { userNotFound } from '../users/access.ts';
import { makeChangeProfile } from '../users/change-profile.ts';
import { makeEraseUser } from '../users/erase-user.ts';
import { makeFinishErasures } from '../users/finish-erasures.ts';
import { makeListUsers } from '../users/list-users.ts';
import type { UserTelemetry } from '../users/ports.ts';
import type { UserCache, UserReader } from '../users/reader.ts';
import { makeReadUser } from '../users/read-user.ts';
import { makeRegisterUser } from '../users/register-user.ts';

type Deps = {
  readonly config: Config<'auth'>['auth'];
  readonly pool: Pool;
  readonly users: UserReader & UserCache;
  readonly revocations: RevocationList;
  readonly telemetry: UserTelemetry & OrderTelemetry & AuthTelemetry;
};

export const makeUseCases = ({ config, pool, users, revocations, telemetry }: Deps) => {
  const now = (): Date => new Date();
  const transact = makeTransact(pool);
  const registrations = makeRegistrationStore(pool);
  const placements = makeOrderPlacementStore(pool);
  const orders = makeOrderReader(pool);
  const credentials = makeCredentialReader(pool);
  const sessions = makeSessionStore(pool);
  const outcomes = makeIdempotencyStore(pool);
  const idempotent = makeIdempotent({ store: outcomes });
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
  const keySet = makeKeySet(config.signingKeys);
  const { issuer, audience, accessTokenTtlSeconds: ttlSeconds } = config;
  const issueToken = makeTokenIssuer({ keySet, issuer, audience, ttlSeconds, now });
  const finish = makeFinishErasures({ erasures: makeErasureStore(pool), elapsedMs: () => performance.now() });
  const refreshTtlSeconds = config.refreshTokenTtlSeconds;

  return {
    registerUser: makeRegisterUser({ registrations, idempotent, hasher, findPasswordFaults, telemetry, now }),
    readUser: makeReadUser({ users }),
    listUsers: makeListUsers({ directory: makeUserDirectory(pool) }),
    changeProfile: makeChangeProfile({ transact, cache: users, telemetry, now }),
    eraseUser: makeEraseUser({ transact, cache: users, revocations, telemetry, finish, now }),
    placeOrder: makePlaceOrder({ placements, idempotent, telemetry, now }),
    readOrder: makeReadOrder({ orders }),
    listOrders: makeListOrders({ orders }),
    logIn: makeLogIn({ credentials, sessions, transact, hasher, issueToken, telemetry, now, refreshTtlSeconds }),
    refreshSession: makeRefreshSession({ sessions, issueToken, revocations, telemetry, now, refreshTtlSeconds }),
    logOut: makeLogOut({ sessions, revocations, telemetry }),
    changePassword: makeChangePassword({ credentials, transact, hasher, revocations, telemetry, userNotFound }),
    issueClientToken: makeIssueClientToken({ readClients: config.clients, issueToken, telemetry }),
    verifyAccessToken: makeTokenVerifier({ keySet, issuer, audience, revocations, now }),
    hashingLoad: hashing.load,
    publicJwks: keySet.publicJwks,
    /** Dependencies of the demo account of `npm start`. */
    demo: { credentials, transact, hasher },
    /** Resumes the erasures of users with many orders. */
    finishErasures: finish.all,
    /** Deletes expired rows, a bounded number per call. */
    purge: async (): Promise<void> => {
      await sessions.purge(1000);
      await outcomes.purge(24 * 3600, 1000);
    },
  };
};

export type UseCases = ReturnType<typeof makeUseCases>;
