import { describe, expect, it } from 'vitest';

import { parseKeySet, type KeySet } from '../../../src/auth/tokens/key-set.ts';
import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { DEMO_KID, refusePublishedKeys } from '../../../src/auth/tokens/published-keys.ts';

const keySet = async (kid: string): Promise<KeySet> =>
  parseKeySet(JSON.stringify({ keys: [await newSigningKey(), await newSigningKey(kid)] }));

describe('refusePublishedKeys', () => {
  it('refuses the key of a demo in production only', async () => {
    const keys = await keySet(DEMO_KID);
    expect(() => refusePublishedKeys(keys, true)).toThrow('has the key of a demo (number 2)');
    expect(refusePublishedKeys(keys, false)).toBe(keys);
  });

  it.each([
    'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
    'EVs_o5-uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf84',
  ])('refuses the published example with x=%s everywhere', async (x) => {
    const keys = await keySet('k');
    const published = { ...keys, publicJwks: keys.publicJwks.map((jwk) => ({ ...jwk, x })) };
    for (const isProduction of [true, false])
      expect(() => refusePublishedKeys(published, isProduction)).toThrow(
        'has a published example key (number 1), which signs for everyone',
      );
  });

  it('accepts every other key', async () => {
    const keys = await keySet('k');
    expect(refusePublishedKeys(keys, true)).toBe(keys);
  });
});
