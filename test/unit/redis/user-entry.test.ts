import { describe, expect, it } from 'vitest';

import { ERASED, MISSING, parseEntry, userOf } from '../../../src/redis/user-entry.ts';

describe('parseEntry', () => {
  it('splits at the first bar only', () => {
    expect(parseEntry('12|{"name":"a|b"}')).toEqual({ version: 12, json: '{"name":"a|b"}' });
  });

  it.each(['', '|', '|{}', 'x|{}', '1.5|{}', '9007199254740993|', '{}'])('rejects %j, which is no entry', (text) => {
    expect(parseEntry(text)).toBeUndefined();
  });
});

describe('userOf', () => {
  it('returns no user for a negative entry and for a tombstone', () => {
    expect([userOf(MISSING), userOf(ERASED)]).toEqual([undefined, undefined]);
  });
});
