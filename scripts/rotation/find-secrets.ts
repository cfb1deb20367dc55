// Searches files for secrets: as they are, in base64 (standard and for URLs, at each of three offsets), in hexadecimal, encoded for URLs and for JSON.

import { createReadStream } from 'node:fs';

import type { KnownSecrets } from './secrets.ts';

export type Finding = { readonly file: string; readonly kind: string; readonly form: string };

type Needle = { readonly bytes: Buffer; readonly kind: string; readonly form: string };

/** The characters of base64 that depend on nothing but the secret, when `offset` bytes are in front of it. */
const inBase64 = (secret: Buffer, offset: number): string => {
  const text = Buffer.concat([Buffer.alloc(offset), secret])
    .toString('base64')
    .replaceAll('=', '');
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor(((offset + secret.length) * 8) / 6);
  return text.slice(first, last);
};

const forUrls = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_');

/** Every form in which a secret may be written, by the form's name. */
export const formsOf = (secret: string): ReadonlyMap<string, string> => {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const forms: [string, string][] = [
    [secret, 'plain'],
    [hex, 'hex'],
    [hex.toUpperCase(), 'hex'],
    [encodeURIComponent(secret), 'URL'],
    [JSON.stringify(secret).slice(1, -1), 'JSON'],
    ...[0, 1, 2].flatMap((offset): [string, string][] => {
      const base64 = inBase64(bytes, offset);
      return [
        [base64, 'base64'],
        [forUrls(base64), 'base64'],
      ];
    }),
  ];
  return new Map(forms.toReversed()); // the first name of a text counts
};

const needlesOf = (secrets: KnownSecrets): Needle[] =>
  [...secrets].flatMap(([secret, kind]) =>
    [...formsOf(secret)].map(([text, form]) => ({ bytes: Buffer.from(text), kind, form })),
  );

const KEY_BYTES = 3;
const keyAt = (bytes: Buffer, at: number): number => bytes.readUIntLE(at, KEY_BYTES);

/** Where needles with the same first bytes begin in `groups`; 0 for none. */
const makeIndex = (needles: readonly Needle[]) => {
  const places = new Uint32Array(2 ** (8 * KEY_BYTES));
  const groups: Needle[][] = [[]];
  for (const needle of needles) {
    const key = keyAt(needle.bytes, 0);
    const place = places[key] ?? 0; // eslint-disable-line security/detect-object-injection -- a number
    if (place > 0) groups.at(place)?.push(needle);
    else places[key] = groups.push([needle]) - 1; // eslint-disable-line security/detect-object-injection -- a number
  }
  return { places, groups, longest: Math.max(...needles.map(({ bytes }) => bytes.length)) };
};

const isAt = (chunk: Buffer, at: number, { bytes }: Needle): boolean =>
  chunk.compare(bytes, 0, bytes.length, at, Math.min(chunk.length, at + bytes.length)) === 0;

/** The needles that begin in `chunk` before `end`. */
const searchChunk = (chunk: Buffer, end: number, { places, groups }: ReturnType<typeof makeIndex>): Needle[] => {
  const found: Needle[] = [];
  let key = chunk.length < KEY_BYTES ? 0 : keyAt(chunk, 0) << 8;
  for (let at = 0; at < end; at += 1) {
    key = (key >>> 8) | ((chunk[at + 2] ?? 0) << 16);
    const place = places[key] ?? 0; // eslint-disable-line security/detect-object-injection -- a number
    if (place > 0) for (const needle of groups.at(place) ?? []) if (isAt(chunk, at, needle)) found.push(needle);
  }
  return found;
};

/** @returns the findings, and how many bytes were searched */
export const findSecrets = async (
  files: readonly string[],
  secrets: KnownSecrets,
): Promise<{ readonly findings: readonly Finding[]; readonly bytes: number }> => {
  const index = makeIndex(needlesOf(secrets));
  const findings: Finding[] = [];
  let bytes = 0;
  for (const file of files) {
    let rest = Buffer.alloc(0);
    const search = (chunk: Buffer, end: number): void => {
      for (const { kind, form } of searchChunk(chunk, end, index)) findings.push({ file, kind, form });
    };
    for await (const part of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
      bytes += part.length;
      const chunk = Buffer.concat([rest, part]);
      const end = Math.max(0, chunk.length - index.longest);
      search(chunk, end);
      rest = chunk.subarray(end);
    }
    search(rest, rest.length);
  }
  return { findings, bytes };
};
