// Makes a use case safe to send again: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/

import { timingSafeEqual } from 'node:crypto';

import { IdempotencyError } from './errors.ts';
import { identify } from './identity.ts';
import type { Idempotent, IdempotencyIdentity, IdempotencyStore, Outcome, Result } from './ports.ts';

type Refusals = { readonly toCode: (error: unknown) => string | undefined; readonly toError: (code: string) => Error };

type Work = (identity: IdempotencyIdentity) => Promise<Result>;

const replay = (outcome: Outcome, { toError }: Refusals): Result => {
  if (outcome.kind === 'refused') throw toError(outcome.code);
  return { version: outcome.version, json: outcome.json };
};

const lostRace = (error: unknown): boolean =>
  error instanceof IdempotencyError && error.code === 'IDEMPOTENCY_KEY_IN_USE';

export const makeIdempotent = ({ store }: { store: IdempotencyStore }): Idempotent => {
  const findOutcome = async ({ keyHash, fingerprint }: IdempotencyIdentity): Promise<Outcome | undefined> => {
    const kept = await store.find(keyHash);
    if (kept === undefined || timingSafeEqual(kept.fingerprint, fingerprint)) return kept?.outcome;
    throw new IdempotencyError('IDEMPOTENCY_KEY_REUSED', 'This key came with another request before.');
  };

  const runOnce = async (identity: IdempotencyIdentity, refusals: Refusals, work: Work): Promise<Result> => {
    const earlier = await findOutcome(identity);
    if (earlier !== undefined) return replay(earlier, refusals);
    try {
      return await work(identity);
    } catch (error) {
      const code = refusals.toCode(error);
      if (code === undefined && !lostRace(error)) throw error;
      // a duplicate may have been first, and then this call's refusal ("username taken") is only its echo
      const first = await findOutcome(identity);
      if (first !== undefined) return replay(first, refusals);
      if (code !== undefined) await store.keepRefusal({ ...identity, outcome: { kind: 'refused', code } });
      throw error;
    }
  };

  // duplicates that reach this process at the same time wait for the first instead of doing its work (a password hash) once more
  const running = new Map<string, Promise<unknown>>();

  return async ({ operation, key, request, refusals }, work) => {
    if (key === undefined) return work();
    const identity = identify(operation, key, request);
    const name = identity.keyHash.toString('hex');
    const before = running.get(name) ?? Promise.resolve();
    const result = before.then(() => runOnce(identity, refusals, work));
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    running.set(name, settled);
    void settled.then(() => running.get(name) === settled && running.delete(name));
    return result;
  };
};
