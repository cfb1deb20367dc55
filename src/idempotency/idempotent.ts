// Makes a use case safe to retry: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/

import { timingSafeEqual } from 'node:crypto';

import { IdempotencyError } from './errors.ts';
import { identify } from './identity.ts';
import type { FinalErrors, Idempotent, IdempotencyIdentity, IdempotencyStore, Outcome, Result } from './ports.ts';

type Work = (identity: IdempotencyIdentity) => Promise<Result>;

const NO_FINAL_ERRORS: FinalErrors = {
  toCode: () => undefined,
  toError: (code) => new Error(`The stored error code ${code} is unknown.`),
};

const replay = (outcome: Outcome, { toError }: FinalErrors): Result => {
  if (outcome.kind === 'refused') throw toError(outcome.code);
  const { id, version, json } = outcome;
  return { id, version, json };
};

const lostRace = (error: unknown): boolean =>
  error instanceof IdempotencyError && error.code === 'IDEMPOTENCY_KEY_IN_USE';

export const makeIdempotent = ({ store }: { store: IdempotencyStore }): Idempotent => {
  const findOutcome = async ({ keyHash, fingerprint }: IdempotencyIdentity): Promise<Outcome | undefined> => {
    const stored = await store.find(keyHash);
    if (stored === undefined || timingSafeEqual(stored.fingerprint, fingerprint)) return stored?.outcome;
    throw new IdempotencyError('IDEMPOTENCY_KEY_REUSED', 'This key was already used with another request.');
  };

  const runOnce = async (identity: IdempotencyIdentity, finalErrors: FinalErrors, work: Work): Promise<Result> => {
    const stored = await findOutcome(identity);
    if (stored !== undefined) return replay(stored, finalErrors);
    try {
      return await work(identity);
    } catch (error) {
      const code = finalErrors.toCode(error);
      if (code === undefined && !lostRace(error)) throw error;
      // a concurrent duplicate may have committed first and caused this call's error ("username taken")
      const first = await findOutcome(identity);
      if (first !== undefined) return replay(first, finalErrors);
      if (code !== undefined) await store.saveFinalError({ ...identity, outcome: { kind: 'refused', code } });
      throw error;
    }
  };

  // concurrent duplicates in this process wait for the first call instead of repeating its work (a password hash)
  const running = new Map<string, Promise<unknown>>();

  return async ({ operation, key, request, finalErrors = NO_FINAL_ERRORS }, work) => {
    if (key === undefined) return work();
    const identity = identify(operation, key, request);
    const name = identity.keyHash.toString('hex');
    const before = running.get(name) ?? Promise.resolve();
    const result = before.then(() => runOnce(identity, finalErrors, work));
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    running.set(name, settled);
    void settled.then(() => running.get(name) === settled && running.delete(name));
    return result;
  };
};
