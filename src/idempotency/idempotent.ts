// Makes a use case safe to retry: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/

import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { CodedError } from '../errors/coded-error.ts';
import { Unavailable } from '../errors/unavailable.ts';
import { IdempotencyError } from './errors.ts';
import type { Call, Idempotent, IdempotencyStore } from './ports.ts';

type Running = { readonly request: unknown; readonly result: Promise<object> };

const reused = (): IdempotencyError =>
  new IdempotencyError('IDEMPOTENCY_KEY_REUSED', 'This key was already used with another request.');

/** A concurrent duplicate may have been committed first and have caused this error ("username taken"). */
const mayBeSecond = (error: unknown): boolean => error instanceof CodedError && !(error instanceof Unavailable);

const hashKey = (operation: string, key: string): Buffer =>
  createHash('sha256').update(`${operation}\0${key}`).digest();

const hasEnded = (running: Running | undefined): Promise<unknown> =>
  running === undefined ? Promise.resolve() : running.result.catch(() => undefined);

export const makeIdempotent = ({ store }: { store: IdempotencyStore }): Idempotent => {
  const replayStored = async <Result extends object>(keyHash: Buffer, { replay }: Call<Result>) => {
    const stored = await store.find(keyHash);
    if (stored === undefined) return undefined;
    if (stored.kind === 'closed') throw reused();
    const closed = (): Promise<Error> => store.close(keyHash).then(reused);
    return replay(stored.outcome, { reused, closed });
  };

  const runOnce = async <Result extends object>(keyHash: Buffer, call: Call<Result>): Promise<Result> => {
    const earlier = await replayStored(keyHash, call);
    if (earlier !== undefined) return earlier;
    try {
      return await call.work(keyHash);
    } catch (error) {
      const first = mayBeSecond(error) ? await replayStored(keyHash, call) : undefined;
      if (first === undefined) throw error;
      return first;
    }
  };

  // concurrent duplicates in this process get the result of the first call instead of repeating its work (a password hash)
  const running = new Map<string, Running>();

  return async <Result extends object>(call: Call<Result>): Promise<Result> => {
    const { operation, key, request } = call;
    if (key === undefined) return call.work();
    const keyHash = hashKey(operation, key);
    const name = keyHash.toString('hex');
    const current = running.get(name);
    // the same operation, so the same type of result
    if (current !== undefined && isDeepStrictEqual(current.request, request)) return current.result as Promise<Result>;
    const result = hasEnded(current).then(() => runOnce(keyHash, call));
    const mine = { request, result };
    running.set(name, mine);
    void hasEnded(mine).then(() => running.get(name) === mine && running.delete(name));
    return result;
  };
};
