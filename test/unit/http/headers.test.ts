import { describe, expect, it } from 'vitest';

import { parseIdempotencyKey } from '../../../src/http/idempotency-key.ts';
import { isFresh, parseIfMatch } from '../../../src/http/conditional/etag.ts';
import { findDuplicate } from '../../../src/http/hooks/request-head.ts';

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

describe('Idempotency-Key', () => {
  it.each([
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['"8e03978e"', '8e03978e'],
    ['~'.repeat(255), '~'.repeat(255)],
  ])('%s contains the key %s', (value, key) => {
    expect(parseIdempotencyKey(value)).toBe(key);
  });

  it('may be absent', () => {
    expect(parseIdempotencyKey(undefined)).toBeUndefined();
  });

  it.each(['', ' ', 'a b', 'a, b', 'ä', 'a\tb', '~'.repeat(256)])('is rejected as %j', (value) => {
    expect(() => parseIdempotencyKey(value)).toThrow(code('HEADER_INVALID'));
  });
});

describe('If-Match', () => {
  it.each(['"7"', ' "7" ', '"7", "7"', 'W/"7", "7"', '"other", "7"'])(
    '%s is parsed to the version that was read',
    (value) => {
      expect(parseIfMatch(value)).toBe(7);
    },
  );

  it('is required', () => {
    expect(() => parseIfMatch(undefined)).toThrow(code('PRECONDITION_REQUIRED'));
  });

  it.each(['W/"7"', '""', '"seven"', '"-1"', '"07x"', '"99999999999999999999"', 'W/"7", W/"8"', '"7-gzip"'])(
    '%s matches no version: versions begin with 1',
    (value) => {
      expect(parseIfMatch(value)).toBe(0);
    },
  );

  it.each(['*', '7', '"7", "8"', '"7" "7"', 'w/"7"', '"7', '"7",', ''])('is rejected as %s', (value) => {
    expect(() => parseIfMatch(value)).toThrow(code('HEADER_INVALID'));
  });
});

describe('If-None-Match', () => {
  it.each(['"7"', 'W/"7"', '"6", "7"', '"6",W/"7"', '*'])('%s is fresh at version 7', (value) => {
    expect(isFresh(value, '"7"')).toBe(true);
  });

  it.each([undefined, '"6"', '7', '"77"', ''])('%s is not fresh at version 7', (value) => {
    expect(isFresh(value, '"7"')).toBe(false);
  });
});

describe('a single-value header', () => {
  it.each(['Host', 'If-Match', 'Content-Type', 'Authorization', 'Idempotency-Key'])(
    '%s is reported when it occurs twice',
    (name) => {
      expect(findDuplicate([name, 'a', 'Accept', 'b', name.toUpperCase(), 'c'])).toBe(name.toLowerCase());
    },
  );

  it('is not reported when only other headers are repeated', () => {
    const headers = ['Host', 'a', 'Accept', 'b', 'Accept', 'c', 'X-Forwarded-For', 'd', 'X-Forwarded-For', 'e'];

    expect(findDuplicate(headers)).toBeUndefined();
  });
});
