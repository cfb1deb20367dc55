// What a use case told the outside: business facts, the cache, the revocation list.

import type { AuthTelemetry, PasswordHasher, RevocationList } from '../../../src/auth/ports.ts';
import type { OrderTelemetry } from '../../../src/orders/ports.ts';
import type { UserTelemetry } from '../../../src/users/ports.ts';
import type { UserCache } from '../../../src/users/reader.ts';

/** Every business fact, in order, as `[name, fact]`. */
export const makeFactRecorder = () => {
  const told: [string, unknown][] = [];
  const telemetry = new Proxy({} as UserTelemetry & OrderTelemetry & AuthTelemetry, {
    get: (_target, name: string) => (details: unknown) => told.push([name, details]),
  });
  return { told, telemetry };
};

export const makeFakeCache = () => {
  const calls: string[] = [];
  const note = (call: string): Promise<void> => {
    calls.push(call);
    return Promise.resolve();
  };
  const cache: UserCache = {
    changed: (id, { version }) => note(`changed ${id} ${version}`),
    erased: (id) => note(`erased ${id}`),
  };
  return { calls, cache };
};

export const makeFakeRevocations = () => {
  const revoked = new Set<string>();
  const revocations: RevocationList = {
    isRevoked: (sessionId) => revoked.has(sessionId),
    revoke: (sessionIds) => {
      for (const id of sessionIds) revoked.add(id);
      return Promise.resolve();
    },
  };
  return { revoked, revocations };
};

/** "Hashes" by writing the password down, with the strength in front: a use case's test is not about Argon2. */
export const makeFakeHasher = (strength = 1) => {
  const work = { hashed: 0, verified: 0, verifiedNothing: 0 };
  const hasher: PasswordHasher = {
    hash: (password) => {
      work.hashed += 1;
      return Promise.resolve(`$argon2id$${strength}$${password}`);
    },
    verify: (password, phc) => {
      work.verified += 1;
      return Promise.resolve(phc.endsWith(`$${password}`));
    },
    verifyDummy: () => {
      work.verifiedNothing += 1;
      return Promise.resolve(false);
    },
    needsRehash: (phc) => Number(phc.split('$')[2]) < strength,
  };
  return { work, hasher };
};
