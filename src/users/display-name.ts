// What a name may consist of. Invisible characters make two names look equal, hide text in a name, or turn the text around it, so only those that
// a script or an emoji needs are accepted. https://www.unicode.org/reports/tr36/ · https://www.unicode.org/reports/tr39/

const MAX_CHARACTERS = 100;

/** Emoji that Unicode recommends for interchange, sequences with joiners, selectors and tags included: families, skin tones, flags. */
const EMOJI = /\p{RGI_Emoji}/gv;

/** Letters and marks of the scripts in which a joiner or non-joiner changes how a word is written. */
const JOINING =
  '[[\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Deva}\\p{scx=Beng}\\p{scx=Guru}\\p{scx=Gujr}\\p{scx=Orya}\\p{scx=Taml}\\p{scx=Telu}' +
  '\\p{scx=Knda}\\p{scx=Mlym}\\p{scx=Sinh}\\p{scx=Mymr}\\p{scx=Khmr}\\p{scx=Mong}]&&[\\p{L}\\p{M}]]';

/** One (non-)joiner inside a word, and one selector after an ideograph (Japanese names) or a Mongolian letter. */
// eslint-disable-next-line security/detect-non-literal-regexp -- made of constants only
const NEEDED = new RegExp(
  [
    `(?<=${JOINING})[\\u200C\\u200D](?=${JOINING})`,
    '(?<=\\p{UIdeo})[\\uFE00-\\uFE02\\u{E0100}-\\u{E01EF}]',
    '(?<=[\\p{sc=Mong}&&\\p{L}])[\\u180B-\\u180D\\u180F]',
  ].join('|'),
  'gv',
);

/**
 * Control characters, half surrogate pairs, private characters and noncharacters, line and paragraph separators; format characters, bidirectional
 * controls included; everything that is invisible by default (DI), fillers and tags included; the blank braille pattern and the null notehead.
 */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Co}\p{NChar}\p{Zl}\p{Zp}\p{Cf}\p{DI}\u2800\u{1D159}]/v;

const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/v;

export const DISPLAY_NAME_RULE =
  'must have 1 to 100 characters, one of them visible, without control characters, invisible characters and whitespace at its ends';

export const isDisplayName = (name: string): boolean => {
  const { length } = Array.from(name);
  if (length > MAX_CHARACTERS || name.trim() !== name) return false;
  const rest = name.replaceAll(EMOJI, '\u{1F600}').replaceAll(NEEDED, '');
  return VISIBLE.test(rest) && !FORBIDDEN.test(rest);
};
