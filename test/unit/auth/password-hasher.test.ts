import { argon2 } from 'node:crypto';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';
import { hashingBusy, makePasswordHasher, type Derive } from '../../../src/auth/passwords/password-hasher.ts';
import { formatPhc, parsePhc } from '../../../src/auth/passwords/phc.ts';
import { makeBoundedConcurrency } from '../../../src/resilience/bounded-concurrency.ts';

/** Minimal, for fast tests; the defaults are in config/. */
const TINY = { memoryKib: 8, passes: 1, parallelism: 1, concurrency: 2, queueLimit: 8 };

const makeHasher = ({ concurrency, queueLimit, ...parameters }: typeof TINY) => {
  const { run, load } = makeBoundedConcurrency({ concurrency, queueLimit, onFull: hashingBusy });
  return { ...makePasswordHasher({ ...parameters, run }), load };
};

describe('makePasswordHasher', () => {
  it('writes algorithm, version and parameters into the hash', async () => {
    const { hash } = makeHasher(TINY);
    expect(await hash('three quiet rivers')).toMatch(
      /^\$argon2id\$v=19\$m=8,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
  });

  it('salts: the same password has a different hash each time', async () => {
    const { hash } = makeHasher(TINY);
    expect(await hash('three quiet rivers')).not.toBe(await hash('three quiet rivers'));
  });

  it('verifies the right password and no other', async () => {
    const { hash, verify } = makeHasher(TINY);
    const phc = await hash('three quiet rivers');
    expect(await verify('three quiet rivers', phc)).toBe(true);
    expect(await verify('three quiet river', phc)).toBe(false);
    expect(await verify('', phc)).toBe(false);
  });

  it('agrees with the reference implementation (libargon2, through argon2-cffi)', async () => {
    const { verify } = makeHasher(TINY);
    const phc = '$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$BbbKj4A4toOIetSRZTOFi0nLUgQBJsE09Mbp2HEbjAk';
    expect(await verify('password', phc)).toBe(true);
  });

  it('accepts the same characters in another Unicode composition', async () => {
    const { hash, verify } = makeHasher(TINY);
    expect(await verify('cafe\u0301 au lait encore', await hash('caf\u00e9 au lait encore'))).toBe(true);
  });

  it('verifies old hashes with their own parameters, and requires a rehash', async () => {
    const old = await makeHasher(TINY).hash('three quiet rivers');
    for (const increased of [{ memoryKib: 16 }, { passes: 2 }, { memoryKib: 16, parallelism: 2 }]) {
      const { verify, needsRehash } = makeHasher({ ...TINY, ...increased });
      expect(await verify('three quiet rivers', old)).toBe(true);
      expect(needsRehash(old)).toBe(true);
    }
    expect(makeHasher(TINY).needsRehash(old)).toBe(false);
  });

  it('never succeeds for the dummy verification', async () => {
    const { verifyDummy } = makeHasher(TINY);
    expect(await verifyDummy('three quiet rivers')).toBe(false);
  });

  it('rejects calls beyond concurrency and queue, and completes the rest', async () => {
    const { hash, load } = makeHasher({ ...TINY, memoryKib: 2048, concurrency: 1, queueLimit: 2 });
    const hashing = Array.from({ length: 5 }, () => hash('three quiet rivers'));
    expect(load()).toEqual({ running: 1, waiting: 2 });
    const results = await Promise.allSettled(hashing);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(results[4]).toMatchObject({ reason: { code: 'HASHING_BUSY', retryAfterSeconds: 1 } });
    expect(load()).toEqual({ running: 0, waiting: 0 });
    await expect(hash('three quiet rivers')).resolves.toContain('$argon2id$');
  });

  it('releases its slot after a failure', async () => {
    const { verify, load } = makeHasher({ ...TINY, concurrency: 1 });
    await expect(verify('x', 'not a hash')).rejects.toThrow('not an Argon2id PHC string');
    expect(load()).toEqual({ running: 0, waiting: 0 });
  });
});

describe('the work of a sign-in', () => {
  const run = <T>(work: () => Promise<T>): Promise<T> => work();
  const PASSWORD = 'three quiet rivers';
  const WEAKER = { memoryKib: 32, passes: 2, parallelism: 1 };
  const CURRENT = { memoryKib: 64, passes: 2, parallelism: 1 };
  const STRONGER = { memoryKib: 64, passes: 4, parallelism: 1 };

  /** A hasher that counts its work: Argon2 takes time in proportion to memory and passes together. */
  const counting = (parameters: typeof CURRENT) => {
    let spent = 0;
    const derive: Derive = (algorithm, { memory, passes, ...rest }) => {
      spent += memory * passes;
      return promisify(argon2)(algorithm, { memory, passes, ...rest });
    };
    const hasher = makePasswordHasher({ ...parameters, run, derive });
    const workOf = async (call: () => Promise<unknown>): Promise<number> => {
      const before = spent;
      await call();
      return spent - before;
    };
    return { hasher, workOf };
  };

  const hashOf = (parameters: typeof CURRENT): Promise<string> =>
    makePasswordHasher({ ...parameters, run }).hash(PASSWORD);

  it.each([
    ['less memory', WEAKER],
    ['fewer passes', { ...CURRENT, passes: 1 }],
    ['much more memory and fewer passes', { ...CURRENT, memoryKib: 96, passes: 1 }],
    ['the current parameters', CURRENT],
  ])('is the same for an unknown login, a right and a wrong password with %s', async (_, parameters) => {
    const { hasher, workOf } = counting(CURRENT);
    const phc = await hashOf(parameters);

    const works = [
      await workOf(() => hasher.verifyDummy(PASSWORD)),
      await workOf(() => hasher.verify(PASSWORD, phc)),
      await workOf(() => hasher.verify('four loud oceans', phc)),
    ];

    expect(works).toEqual([128, 128, 128]);
    expect(await hasher.verify(PASSWORD, phc)).toBe(true);
  });

  it('is spent on the current memory where possible, whose allocation is a part of it', async () => {
    const spent: [memory: number, passes: number][] = [];
    const derive: Derive = (_, { memory, passes, tagLength }) => {
      spent.push([memory, passes]);
      return Promise.resolve(Buffer.alloc(tagLength));
    };
    const { verify } = makePasswordHasher({ memoryKib: 47_104, passes: 2, parallelism: 1, run, derive });
    const phc = formatPhc({
      ...{ memoryKib: 19_456, passes: 2, parallelism: 1 },
      ...{ salt: Buffer.alloc(16), tag: Buffer.alloc(32) },
    });

    await verify(PASSWORD, phc);

    expect(spent).toEqual([
      [19_456, 2],
      [47_104, 1],
      [8192, 1],
    ]);
  });

  it('is that of the most expensive hash for all logins, once one was verified', async () => {
    const { hasher, workOf } = counting(CURRENT);
    const [stronger, weaker] = [await hashOf(STRONGER), await hashOf(WEAKER)];

    const works = [
      await workOf(() => hasher.verify(PASSWORD, stronger)),
      await workOf(() => hasher.verify(PASSWORD, weaker)),
      await workOf(() => hasher.verifyDummy(PASSWORD)),
    ];

    expect(works).toEqual([256, 256, 256]);
    expect(await workOf(() => hasher.hash(PASSWORD))).toBe(128);
  });
});

describe('parsePhc', () => {
  it.each([
    '',
    '$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$dGFn',
    '$argon2id$v=16$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$dGFn',
    '$2b$10$x',
  ])('rejects %j', (text) => {
    expect(() => parsePhc(text)).toThrow('not an Argon2id PHC string');
  });
});
