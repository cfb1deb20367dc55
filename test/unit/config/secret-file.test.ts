import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeSecretFile } from '../../../src/config/secret-file.ts';

const arrange = (text?: string) => {
  const directory = mkdtempSync(join(tmpdir(), 'secret-'));
  const path = join(directory, 'secret');
  if (text !== undefined) writeFileSync(path, text);
  const clock = { ms: 0 };
  return { directory, path, clock, now: () => clock.ms };
};

describe('makeSecretFile', () => {
  it.each([
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    [' a b \n\n', ' a b \n'],
  ])('removes only one line break at the end of %j', (text, expected) => {
    expect(makeSecretFile(arrange(text).path)()).toBe(expected);
  });

  it('reads a changed file again, but checks at most once a second', () => {
    const { path, clock, now } = arrange('first');
    const secret = makeSecretFile(path, { now });
    writeFileSync(path, 'second one');
    clock.ms = 999;
    expect(secret()).toBe('first');
    clock.ms = 1000;
    expect(secret()).toBe('second one');
  });

  it('follows the swapped symbolic link of a Kubernetes Secret', () => {
    const { directory, path, clock, now } = arrange();
    for (const version of ['v1', 'v2']) {
      mkdirSync(join(directory, version));
      writeFileSync(join(directory, version, 'secret'), version);
    }
    symlinkSync('v1', join(directory, '..data'));
    symlinkSync(join('..data', 'secret'), path);
    const secret = makeSecretFile(path, { now });
    expect(secret()).toBe('v1');
    symlinkSync('v2', join(directory, '..data_new'));
    renameSync(join(directory, '..data_new'), join(directory, '..data'));
    clock.ms = 1000;
    expect(secret()).toBe('v2');
  });

  it.each([
    [
      'disappears',
      (path: string) => {
        rmSync(path);
      },
    ],
    [
      'becomes empty',
      (path: string) => {
        writeFileSync(path, '');
      },
    ],
  ])('keeps the last text of a file that %s, and reads the next one', (_, change) => {
    const { path, clock, now } = arrange('kept');
    const secret = makeSecretFile(path, { now });
    change(path);
    clock.ms = 1000;
    expect(secret()).toBe('kept');
    writeFileSync(path, 'back again');
    clock.ms = 2000;
    expect(secret()).toBe('back again');
  });

  it('rejects a file that is missing or empty at the start', () => {
    expect(() => makeSecretFile(arrange().path)).toThrow(/ENOENT/);
    expect(() => makeSecretFile(arrange('\n').path)).toThrow('the secret file is empty');
  });

  it('returns the fallback until there is a file', () => {
    const { path, clock, now } = arrange();
    const secret = makeSecretFile(path, { fallback: '{}', now });
    expect(secret()).toBe('{}');
    writeFileSync(path, '{"a":1}');
    clock.ms = 1000;
    expect(secret()).toBe('{"a":1}');
  });
});
