// Attackers try a user's own name and address first, in any spelling: case, accents, "ue" for "ü", and separators make no difference.

import type { PasswordOwner } from '../ports.ts';

/** The largest share of a password that may be personal. */
const MAX_SHARE = 0.6;
/** Shorter words are in too many passwords by chance. */
const MIN_LENGTH = 4;

/** Letters that Unicode does not decompose. */
const PLAIN_LETTERS = new Map(Object.entries({ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ı: 'i' }));
const SPELLED_OUT = new Map(Object.entries({ ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa' }));

const replaceLetters = (text: string, letters: ReadonlyMap<string, string>): string =>
  Array.from(text, (letter) => letters.get(letter) ?? letter).join('');

/** "Müller" → "muller" */
const toPlain = (text: string): string =>
  replaceLetters(text.normalize('NFKD').toLowerCase().replaceAll(/\p{M}/gu, ''), PLAIN_LETTERS);

/** "Müller" → "mueller" */
const toSpelledOut = (text: string): string =>
  toPlain(replaceLetters(text.normalize('NFKC').toLowerCase(), SPELLED_OUT));

const withoutSeparators = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]/gu, '');

const FORMS: readonly ((text: string) => string)[] = [
  toPlain,
  toSpelledOut,
  (text) => withoutSeparators(toPlain(text)),
  (text) => withoutSeparators(toSpelledOut(text)),
];

const partsOf = (text: string): string[] => text.split(/[^\p{L}\p{M}\p{N}]+/u);

const wordsOf = ({ username, name, email }: PasswordOwner): string[] => {
  const local = email.split('@')[0] ?? '';
  const names = partsOf(name);
  const whole = [username, email, local, name, names.toReversed().join(' '), 'user-service'];
  return [...whole, ...names, ...partsOf(username), ...partsOf(local)];
};

const placesOf = (word: string, text: string): number[] => {
  const places: number[] = [];
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) places.push(at);
  return places;
};

/** The number of characters of `text` that belong to one of the words. */
const countCovered = (text: string, words: readonly string[]): number => {
  const covered = new Set<number>();
  for (const word of words.filter(({ length }) => length >= MIN_LENGTH))
    for (const place of placesOf(word, text)) for (let i = 0; i < word.length; i += 1) covered.add(place + i);
  return covered.size;
};

/** Whether a password consists mainly of the user's own names and address. */
export const isPersonal = (password: string, owner: PasswordOwner): boolean => {
  const { length } = toPlain(password);
  const words = wordsOf(owner);
  return FORMS.some((form) => countCovered(form(password), words.map(form)) / length > MAX_SHARE);
};
