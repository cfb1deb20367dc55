import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { findSecrets, formsOf } from '../../../scripts/rotation/find-secrets.ts';

const SECRET = 'pass"word/with?all+kinds';
const KNOWN = new Map([[SECRET, 'password']]);
const folder = mkdtempSync(join(tmpdir(), 'user-service-find-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const search = async (text: string | Buffer) => {
  const file = join(folder, 'file');
  writeFileSync(file, text);
  return findSecrets([file], KNOWN);
};

const BASIC = (before: string): string => Buffer.from(`${before}${SECRET} and more`).toString('base64');

describe('findSecrets', () => {
  it.each([
    ['plain', SECRET],
    ['hex', Buffer.from(SECRET).toString('hex')],
    ['hex', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['URL', `?password=${encodeURIComponent(SECRET)}&x=1`],
    ['JSON', JSON.stringify({ password: SECRET })],
    ['base64', BASIC('')],
    ['base64', BASIC('a')],
    ['base64', BASIC('ab')],
    ['base64', BASIC('abc')],
    ['base64', Buffer.from(`x${SECRET}`).toString('base64url')],
  ])('finds it as %s in %s', async (form, text) => {
    const { findings, bytes } = await search(`one line\n${text}\nanother`);
    expect(findings).toEqual([{ file: join(folder, 'file'), kind: 'password', form }]);
    expect(bytes).toBe(Buffer.byteLength(`one line\n${text}\nanother`));
  });

  it.each([-30, -24, -12, -1, 0, 1])('finds it once at a border of two reads (%i bytes after it)', async (offset) => {
    const text = Buffer.alloc(3 * 2 ** 20, '.');
    text.write(SECRET, 2 ** 20 + offset);
    expect((await search(text)).findings).toHaveLength(1);
  });

  it('finds it at the end of a file and in one that contains nothing else', async () => {
    expect((await search(`text ${SECRET}`)).findings).toHaveLength(1);
    expect((await search(SECRET)).findings).toHaveLength(1);
  });

  it('finds nothing in other text, and in an empty file', async () => {
    expect((await search(SECRET.slice(0, -1))).findings).toEqual([]);
    expect((await search('')).findings).toEqual([]);
  });

  it('names each form once', () => {
    expect([...formsOf('onlyLettersAndDigits').values()].filter((form) => form === 'plain')).toHaveLength(1);
  });
});
