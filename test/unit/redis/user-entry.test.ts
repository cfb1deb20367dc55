import { describe, expect, it } from 'vitest';

import { ERASED, MISSING, parseEntry, userOf } from '../../../src/redis/user-entry.ts';

describe('parseEntry', () => {
  it('splits at the first bar only', () => {
    expect(parseEntry('12|{"name":"a|b"}')).toEqual({ version: 12, json: '{"name":"a|b"}' });
  });

  it.each(['', '|', '|{}', 'x|{}', '1.5|{}', '9007199254740993|', '{}'])('does not take %j for an entry', (text) => {
    expect(parseEntry(text)).toBeUndefined();
  });
});

describe('userOf', () => {
  it('finds nobody in an entry for a missing or an erased user', () => {
    expect([userOf(MISSING), userOf(ERASED)]).toEqual([undefined, undefined]);
  });
});
