// Fakes that record what a use case does: cache, revocation list, password hashing. Telemetry: telemetry.ts.

import type { PasswordHasher, RevocationList } from '../../../src/auth/ports.ts';
import type { UserCache } from '../../../src/users/reader.ts';

export const makeFakeCache = () => {
  const calls: string[] = [];
  const record = (call: string): Promise<void> => {
    calls.push(call);
    return Promise.resolve();
  };
  const cache: UserCache = {
    changed: (id, { version }) => record(`changed ${id} ${version}`),
    erased: (id) => record(`erased ${id}`),
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

/** The "hash" is the strength and the password in plain text: tests of use cases don't depend on Argon2. */
export const makeFakeHasher = (strength = 1) => {
  const work = { hashed: 0, verified: 0, dummyVerified: 0 };
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
      work.dummyVerified += 1;
      return Promise.resolve(false);
    },
    needsRehash: (phc) => Number(phc.split('$')[2]) < strength,
  };
  return { work, hasher };
};
