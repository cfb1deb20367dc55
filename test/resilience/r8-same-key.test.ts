// R8: many concurrent duplicates of each registration, over two processes: one user per key, and the same response to every call.

import { beforeAll, describe, expect, it } from 'vitest';

import { startMember } from './support/fleet.ts';
import { inParallel, makeRetryingClient } from './support/retrying-client.ts';
import { FULL, makeChance, report, scaled, SEED } from './support/scale.ts';
import type { Surroundings } from './support/surroundings.ts';
import { useStack } from './support/use-stack.ts';

const KEYS = scaled(1000, 40);
const DUPLICATES = scaled(50, 20);

let surroundings: Surroundings;
const members = useStack((made) => (surroundings = made));

beforeAll(async () => {
  const { env } = surroundings;
  const plain = {
    role: 'api',
    env,
    nextPoint: () => undefined,
    chance: makeChance(SEED),
    onKilled: () => undefined,
  } as const;
  members.push(await startMember(plain), await startMember(plain));
});

describe('R8: one key, many calls', () => {
  it(`creates ${KEYS} users with ${KEYS * DUPLICATES} calls`, { timeout: FULL ? 600_000 : 120_000 }, async () => {
    const call = makeRetryingClient(members.map(({ url }) => url));
    const register = (n: number, name: string) =>
      call('/users', {
        method: 'POST',
        body: { username: `user-${n}`, name, email: `user-${n}@example.com`, password: 'three quiet rivers' },
        headers: { 'idempotency-key': `key-${n}` },
      });
    let different = 0;
    let notRejected = 0;
    await inParallel(KEYS, 2, async (n) => {
      const responses = await Promise.all(Array.from({ length: DUPLICATES }, () => register(n, 'Ann')));
      const distinct = new Set(responses.map(({ status, text, etag }) => JSON.stringify([status, text, etag])));
      if (distinct.size !== 1 || responses[0]?.status !== 201) different += 1;
      if ((await register(n, 'Another')).status !== 422) notRejected += 1;
    });
    const { rows } = await surroundings.pool.query<{ count: number }>('SELECT count(*)::integer AS count FROM users');
    const users = rows[0]?.count ?? -1;
    report('R8', [
      { name: 'users', value: users, target: String(KEYS) },
      { name: 'keys with different responses', value: different, target: '0' },
      { name: 'other bodies not rejected', value: notRejected, target: '0' },
      { name: 'calls', value: KEYS * (DUPLICATES + 1), target: String(KEYS * (DUPLICATES + 1)) },
    ]);
    expect({ users, different, notRejected }).toEqual({ users: KEYS, different: 0, notRejected: 0 });
    expect(members.flatMap(({ failures }) => failures)).toEqual([]);
  });
});
