// Argon2id from node:crypto. Parameters: OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane).

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

import { Unavailable } from '../../errors/unavailable.ts';
import { formatPhc, parsePhc, type Argon2Parameters } from './phc.ts';
import type { PasswordHasher, Turn } from '../ports.ts';

/** Argon2 as node:crypto has it. */
export type Derive = (algorithm: 'argon2id', parameters: DeriveParameters) => Promise<Buffer>;

type DeriveParameters = Parameters<typeof argon2>[1];

type Options = Argon2Parameters & {
  /** Bounds concurrency: each call takes a thread of the pool and `memoryKib`. @throws Unavailable HASHING_BUSY */
  readonly run: <T>(work: () => Promise<T>, turn?: Turn) => Promise<T>;
  /** Default: node:crypto. */
  readonly derive?: Derive;
};

const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** NIST SP 800-63B section 3.1.1.2: Unicode is normalized, so that every encoding of the same characters is the same password. */
const toBytes = (password: string): Buffer => Buffer.from(password.normalize('NFC'));

type Input = Argon2Parameters & { readonly password: string; readonly salt: Buffer; readonly tagLength?: number };

const makeHashWith =
  (derive: Derive) =>
  ({ password, salt, tagLength = TAG_BYTES, memoryKib: memory, passes, parallelism }: Input): Promise<Buffer> =>
    derive('argon2id', { message: toBytes(password), nonce: salt, memory, passes, parallelism, tagLength });

/** In proportion to the time of a hash: Argon2 fills the memory once per pass. */
const workOf = ({ memoryKib, passes }: Argon2Parameters): number => memoryKib * passes;

/**
 * Hashes that together take the difference between the two: whole passes over the larger memory, because allocating it is a part of the time,
 * and one pass over what remains. Argon2 needs 8 KiB per lane.
 */
const difference = (from: Argon2Parameters, to: Argon2Parameters): Argon2Parameters[] => {
  const work = Math.max(0, workOf(to) - workOf(from));
  const whole = { ...to, passes: Math.floor(work / to.memoryKib) };
  const remainder = { ...to, memoryKib: work % to.memoryKib, passes: 1 };
  return [whole, remainder].filter(({ memoryKib, passes, parallelism }) => passes > 0 && memoryKib >= 8 * parallelism);
};

/** The error that `run` throws at capacity, so that a burst of sign-ins does not queue for minutes. */
export const hashingBusy = (): Unavailable => new Unavailable('HASHING_BUSY', 'Too many passwords are being checked.');

/**
 * Every verification takes as long as the most expensive parameters seen so far, at least the current ones: the time does not depend on the
 * parameters of a row, so it does not show whether a login exists.
 */
export const makePasswordHasher = ({ run, derive = promisify(argon2), ...current }: Options): PasswordHasher => {
  const hashWith = makeHashWith(derive);
  const dummySalt = randomBytes(SALT_BYTES);
  let largest: Argon2Parameters = current;

  const equalize = async (password: string, spent: Argon2Parameters): Promise<void> => {
    if (workOf(spent) > workOf(largest)) largest = spent;
    for (const rest of difference(spent, largest)) await hashWith({ password, salt: dummySalt, ...rest });
  };

  return {
    hash: (password, turn) =>
      run(async () => {
        const salt = randomBytes(SALT_BYTES);
        return formatPhc({ ...current, salt, tag: await hashWith({ password, salt, ...current }) });
      }, turn),
    verify: (password, phc, turn) =>
      run(async () => {
        const { salt, tag, ...parameters } = parsePhc(phc);
        const computed = await hashWith({ password, salt, tagLength: tag.length, ...parameters });
        await equalize(password, parameters);
        return timingSafeEqual(computed, tag);
      }, turn),
    verifyDummy: (password, turn) =>
      run(async () => {
        await hashWith({ password, salt: dummySalt, ...largest });
        return false as const;
      }, turn),
    needsRehash: (phc) => {
      const { memoryKib, passes, parallelism } = parsePhc(phc);
      return memoryKib < current.memoryKib || passes < current.passes || parallelism < current.parallelism;
    },
  };
};
