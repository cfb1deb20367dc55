import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEmail } from '../../src/users/email.ts';
import { HttpError } from '../../src/http/errors.ts';
import { parseIfMatch, toEtag } from '../../src/http/conditional/etag.ts';
import { isUuid, isUuidV7, newUuid } from '../../src/uuid/uuid.ts';

describe('an e-mail address', () => {
  it('is valid when it is generated as a valid one', () => {
    fc.assert(
      fc.property(
        fc.emailAddress().filter((text) => text.length <= 255),
        (email) => isEmail(email),
      ),
      { numRuns: 2000 },
    );
  });

  it('is not valid without exactly one @', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '@'), minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(
        text.filter((candidate) => candidate.split('@').length !== 2),
        (candidate) => !isEmail(candidate),
      ),
      { numRuns: 2000 },
    );
  });

  it('is not valid with whitespace, a control character or a lone surrogate', () => {
    const bad = fc.constantFrom(' ', '\t', '\n', '\r', '\0', '\u007f', '\u00a0', '\u2028', '\ud800');
    fc.assert(
      fc.property(fc.emailAddress(), bad, fc.nat(), (email, character, place) => {
        const at = place % (email.length + 1);
        return !isEmail(email.slice(0, at) + character + email.slice(at));
      }),
    );
  });

  it.each([
    'a@b',
    '@example.com',
    'ann@',
    'ann@.com',
    'ann@example..com',
    '.ann@example.com',
    'a..b@example.com',
    'ann@-x.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(64)}.com`,
    `a@${'b.'.repeat(130)}com`,
  ])('is not valid as %s', (email) => {
    expect(isEmail(email)).toBe(false);
  });
});

/** The version that a change is based on, or the code of the rejection. */
const versionOf = (text: string): unknown => {
  try {
    return parseIfMatch(text);
  } catch (error) {
    return error instanceof HttpError ? error.code : error;
  }
};

describe('an ETag', () => {
  it('parses to the version that it was created from', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), (version) => parseIfMatch(toEtag(version)) === version),
    );
  });

  it('that is no tag of this service is rejected, or is a tag that no version has', () => {
    const tag = fc.oneof(
      fc.string(),
      fc.string().map((text) => `"${text}"`),
      fc.string().map((text) => `W/"${text}"`),
    );
    const other = fc.oneof(
      tag,
      fc.array(tag).map((tags) => tags.join(', ')),
    );
    fc.assert(
      fc.property(
        other.filter((text) => !/"\d{1,9}"/.test(text)),
        (text) => {
          expect(versionOf(text)).toBeOneOf([0, 'HEADER_INVALID']);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a new user’s id', () => {
  const time = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });

  it('is a UUIDv7 that contains its time', () => {
    fc.assert(
      fc.property(time, (now) => {
        const id = newUuid(now);
        expect(isUuidV7(id) && isUuid(id)).toBe(true);
        expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(now.getTime());
      }),
    );
  });

  it('sorts by its time', () => {
    fc.assert(fc.property(time, time, (a, b) => a.getTime() === b.getTime() || a < b === newUuid(a) < newUuid(b)));
  });

  it('is unique', () => {
    const now = new Date();
    expect(new Set(Array.from({ length: 10_000 }, () => newUuid(now))).size).toBe(10_000);
  });
});
