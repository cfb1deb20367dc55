import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isDisplayName } from '../../src/users/display-name.ts';

const ZWNJ = '\u200C';
const ZWJ = '\u200D';

const NAMES = {
  'a Latin name': 'Ann Lee',
  'a name with an apostrophe and a hyphen': 'Siobhán O’Brien-D’Arcy Jr.',
  'one letter': 'Å',
  'decomposed letters': 'Nguye\u0302\u0303n',
  'a Persian name with a non-joiner': `علی${ZWNJ}رضا`,
  'a Hindi name with a joiner': `क्${ZWJ}षितिज`,
  'a Sinhala name with a joiner': `ශ්${ZWJ}රී`,
  'a Malayalam name with a joiner': `അന്${ZWJ}വര`,
  'an Arabic name': 'محمد بن سلمان',
  'an Arabic name with vowel marks': 'مُحَمَّد',
  'a Hebrew name': 'דוד בן־גוריון',
  'Hebrew and Latin': 'דוד David',
  'a Chinese name': '王小明',
  'a Japanese name with an ideographic space': '山田　太郎',
  'a Japanese name with a variation sequence': '葛\u{E0100}城',
  'a Korean name': '김철수',
  'a Tibetan name': 'བསྟན་འཛིན',
  'an emoji': 'Ann 😀',
  'a family': '👨‍👩‍👧‍👦',
  'a skin tone': '👩🏽‍🚀 Mae',
  'a heart': '❤️',
  'a flag': '🇩🇪',
  'the flag of England': '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'a rainbow flag': '🏳️‍🌈',
  'a keycap': '1️⃣',
  '100 characters': 'x'.repeat(100),
  '100 characters outside the basic plane': '😀'.repeat(100),
};

/** By the reason. Each is invisible, turns text, or is no character. */
const FORBIDDEN = {
  'control characters': ['\0', '\t', '\n', '\r', '\u001B', '\u007F', '\u0085', '\u009F'],
  'separators of lines and paragraphs': ['\u2028', '\u2029'],
  'zero width characters': ['\u200B', '\u2060', '\uFEFF', '\u034F', '\u180E', '\u2064'],
  'bidirectional controls': Array.from('\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069'),
  'soft hyphen': ['\u00AD'],
  'Hangul fillers': ['\u115F', '\u1160', '\u3164', '\uFFA0'],
  'invisible Khmer vowels': ['\u17B4', '\u17B5'],
  'blank braille, null notehead': ['\u2800', '\u{1D159}'],
  'tag characters': ['\u{E0001}', '\u{E0061}', '\u{E007F}'],
  'variation selectors': ['\uFE0F', '\uFE00', '\u{E0100}', '\u{E01EF}'],
  'annotation characters': ['\uFFF9', '\uFFFA', '\uFFFB'],
  'private characters': ['\uE000', '\u{F0000}', '\u{10FFFD}'],
  noncharacters: ['\uFFFE', '\uFDD0', '\u{1FFFF}', '\u{10FFFF}'],
  'half of a surrogate pair': ['\uD800', '\uDC00'],
  'joiners outside of words': [ZWJ, ZWNJ],
};
const forbidden = fc.constantFrom(...Object.values(FORBIDDEN).flat());
const name = fc.constantFrom(...Object.values(NAMES).filter((text) => Array.from(text).length < 100));
const latin = fc.stringMatching(/^[A-Za-z]{1,20}$/);

describe('a name', () => {
  it.each(Object.entries(NAMES))('may be %s', (_, text) => {
    expect(isDisplayName(text)).toBe(true);
  });

  it.each(Object.entries(FORBIDDEN))('does not consist of %s', (_, characters) => {
    for (const character of characters) {
      expect(isDisplayName(character)).toBe(false);
      expect(isDisplayName(character.repeat(3))).toBe(false);
    }
  });

  it.each(['', ' ', '\u00A0', '\u3000', ' Ann', 'Ann ', '\u3000Ann', '\u0301', '\u20DD', 'x'.repeat(101)])(
    'is not %j',
    (text) => {
      expect(isDisplayName(text)).toBe(false);
    },
  );

  it.each([
    ['a joiner between Latin letters', `A${ZWJ}nn`],
    ['a non-joiner between Latin letters', `A${ZWNJ}nn`],
    ['a non-joiner at the end of a word', `علی${ZWNJ}`],
    ['a non-joiner at the start of a word', `${ZWNJ}علی`],
    ['two non-joiners', `علی${ZWNJ}${ZWNJ}رضا`],
    ['a joiner between other emoji', `😀${ZWJ}😀`],
    ['a joiner after an emoji', `😀${ZWJ}`],
    ['tags after a letter', 'A\u{E0067}\u{E0062}\u{E007F}'],
    ['text hidden in tags after a flag', '🏴\u{E0068}\u{E0069}\u{E007F}'],
    ['text hidden in selectors after an emoji', '😀\u{E0148}\u{E0149}'],
    ['two selectors after an ideograph', '葛\u{E0100}\u{E0101}'],
    ['a selector after a letter', 'A\uFE0F'],
  ])('does not have %s', (_, text) => {
    expect(isDisplayName(text)).toBe(false);
  });

  it('does not have a forbidden character anywhere between Latin letters', () => {
    fc.assert(
      fc.property(latin, forbidden, latin, (before, character, after) => !isDisplayName(before + character + after)),
    );
  });

  it('does not begin with a forbidden character, whatever its script', () => {
    fc.assert(fc.property(forbidden, name, (character, text) => !isDisplayName(character + text)));
  });

  it('may be joined by blanks from names of any scripts', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const joined = names.join(' ');
        return isDisplayName(joined) === Array.from(joined).length <= 100;
      }),
    );
  });

  it('has nothing invisible left when it is valid: what is shown has all its characters, whatever text it was made of', () => {
    const character = fc.oneof(forbidden, latin, fc.string({ unit: 'binary', maxLength: 3 }));
    const text = fc.array(character, { maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        text,
        (candidate) =>
          !isDisplayName(candidate) || !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u200B\u2800]/u.test(candidate),
      ),
      { numRuns: 5000 },
    );
  });
});
