import { describe, expect, it } from 'vitest';

import { formatEntry, isLease, MISSING, newLease, parseEntry, userOf } from '../../../src/redis/user-entry.ts';

const TOMBSTONE_OF_PREVIOUS_RELEASE = '9007199254740991|';

describe('parseEntry', () => {
  it('splits at the first bar only', () => {
    expect(parseEntry('12|{"name":"a|b"}')).toEqual({ version: 12, json: '{"name":"a|b"}' });
  });

  it('returns what formatEntry was given', () => {
    const entry = { version: 7, json: '{"name":"a|b"}' };
    expect(parseEntry(formatEntry(entry))).toEqual(entry);
  });

  it.each(['', '|', '|{}', 'x|{}', '1.5|{}', '9007199254740993|', '{}', newLease()])(
    'rejects %j, which is no entry',
    (text) => {
      expect(parseEntry(text)).toBeUndefined();
    },
  );
});

describe('userOf', () => {
  it('returns no user for a negative entry and for a tombstone', () => {
    const tombstone = parseEntry(TOMBSTONE_OF_PREVIOUS_RELEASE);
    expect(tombstone).toBeDefined();
    expect([userOf(MISSING), tombstone && userOf(tombstone)]).toEqual([undefined, undefined]);
  });
});

describe('newLease', () => {
  it('is a lease that no other process has', () => {
    expect([isLease(newLease()), isLease('1|{}')]).toEqual([true, false]);
    expect(newLease()).not.toBe(newLease());
  });
});
