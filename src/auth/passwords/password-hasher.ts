// Argon2id from node:crypto. Parameters: OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane).

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

import { Unavailable } from '../../errors/unavailable.ts';
import { formatPhc, parsePhc, type Argon2Parameters } from './phc.ts';
import type { PasswordHasher, Turn } from '../ports.ts';

type Options = Argon2Parameters & {
  /** Bounds concurrency: each hash takes a thread of the pool and `memoryKib`. @throws Unavailable HASHING_BUSY */
  readonly run: <T>(work: () => Promise<T>, turn?: Turn) => Promise<T>;
};

const SALT_BYTES = 16;
const TAG_BYTES = 32;

const derive = promisify(argon2);

/** NIST SP 800-63B section 3.1.1.2: Unicode is normalized, so that every encoding of the same characters is the same password. */
const toBytes = (password: string): Buffer => Buffer.from(password.normalize('NFC'));

const hashWith = (password: string, salt: Buffer, parameters: Argon2Parameters, tagLength: number): Promise<Buffer> => {
  const { memoryKib: memory, passes, parallelism } = parameters;
  return derive('argon2id', { message: toBytes(password), nonce: salt, memory, passes, parallelism, tagLength });
};

/** The error that `run` throws at capacity, so that a burst of sign-ins does not queue for minutes. */
export const hashingBusy = (): Unavailable => new Unavailable('HASHING_BUSY', 'Too many passwords are being checked.');

export const makePasswordHasher = ({ run, ...current }: Options): PasswordHasher => {
  const dummySalt = randomBytes(SALT_BYTES);

  return {
    hash: (password, turn) =>
      run(async () => {
        const salt = randomBytes(SALT_BYTES);
        const tag = await hashWith(password, salt, current, TAG_BYTES);
        return formatPhc({ ...current, salt, tag });
      }, turn),
    verify: (password, phc, turn) =>
      run(async () => {
        const { salt, tag, ...parameters } = parsePhc(phc);
        return timingSafeEqual(await hashWith(password, salt, parameters, tag.length), tag);
      }, turn),
    verifyDummy: (password, turn) =>
      run(async () => {
        await hashWith(password, dummySalt, current, TAG_BYTES);
        return false as const;
      }, turn),
    needsRehash: (phc) => {
      const { memoryKib, passes, parallelism } = parsePhc(phc);
      return memoryKib < current.memoryKib || passes < current.passes || parallelism < current.parallelism;
    },
  };
};
