import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeSecretFile } from '../../../src/config/secret-file.ts';
import { CodedError } from '../../../src/errors/coded-error.ts';

const arrange = (text?: string) => {
  const directory = mkdtempSync(join(tmpdir(), 'secret-'));
  const path = join(directory, 'secret');
  if (text !== undefined) writeFileSync(path, text);
  const clock = { ms: 0 };
  return { directory, path, clock, now: () => clock.ms };
};

const parse = (text: string): string => text;

describe('makeSecretFile', () => {
  it.each([
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    [' a b \n\n', ' a b \n'],
  ])('removes only one line break at the end of %j', (text, expected) => {
    expect(makeSecretFile(arrange(text).path, { parse })()).toBe(expected);
  });

  it('reads a changed file again, but checks at most once a second', () => {
    const { path, clock, now } = arrange('first');
    const secret = makeSecretFile(path, { parse, now });
    writeFileSync(path, 'second one');
    clock.ms = 999;
    expect(secret()).toBe('first');
    clock.ms = 1000;
    expect(secret()).toBe('second one');
  });

  it('starts with the fallback while the content is not valid, if told to, and takes the first valid content', () => {
    const { path, clock, now } = arrange('bad');
    const strict = (text: string): string => {
      if (text === 'bad') throw new CodedError('SECRET_INVALID', 'is bad');
      return text;
    };
    const file = makeSecretFile(path, { parse: strict, fallback: 'default', startsWithFallback: true, now });
    expect([file(), file.fault()]).toEqual(['default', { detail: 'is bad' }]);
    writeFileSync(path, 'good');
    clock.ms = 1000;
    expect([file(), file.fault()]).toEqual(['good', undefined]);
  });

  it('keeps the last content while every account may write the file, and reads it when told to', () => {
    const { path, now } = arrange('first');
    const file = makeSecretFile(path, { parse, now });
    writeFileSync(path, 'second one');
    chmodSync(path, 0o666);
    file.refresh();
    const detail = `must not be writable by every account: chmod o-w ${path}`;
    expect([file(), file.fault()]).toEqual(['first', { detail }]);
    chmodSync(path, 0o640);
    file.refresh();
    expect([file(), file.fault()]).toEqual(['second one', undefined]);
    expect(makeSecretFile(path, { parse, mayBeWritableByAll: true })()).toBe('second one');
  });

  it('says whether every account may read the file', () => {
    const { path } = arrange('first');
    chmodSync(path, 0o444);
    const file = makeSecretFile(path, { parse });
    expect(file.isReadableByAll()).toBe(true);
    chmodSync(path, 0o440);
    file.refresh();
    expect(file.isReadableByAll()).toBe(false);
  });

  it('does not read a file that is too large', () => {
    const { path, clock, now } = arrange('1234');
    const file = makeSecretFile(path, { parse, maxBytes: 4, now });
    writeFileSync(path, '12345');
    clock.ms = 1000;
    expect([file(), file.fault()]).toEqual(['1234', { detail: 'is larger than 4 bytes' }]);
  });

  it('follows the swapped symbolic link of a Kubernetes Secret', () => {
    const { directory, path, clock, now } = arrange();
    for (const version of ['v1', 'v2']) {
      mkdirSync(join(directory, version));
      writeFileSync(join(directory, version, 'secret'), version);
    }
    symlinkSync('v1', join(directory, '..data'));
    symlinkSync(join('..data', 'secret'), path);
    const secret = makeSecretFile(path, { parse, now });
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
    const secret = makeSecretFile(path, { parse, now });
    change(path);
    clock.ms = 1000;
    expect(secret()).toBe('kept');
    writeFileSync(path, 'back again');
    clock.ms = 2000;
    expect(secret()).toBe('back again');
  });

  it('rejects a file that is missing or empty at the start', () => {
    expect(() => makeSecretFile(arrange().path, { parse })).toThrow(/^cannot be read from .*ENOENT/);
    expect(() => makeSecretFile(arrange(' \n').path, { parse })).toThrow(/^is an empty file/);
    const empty = arrange('').path;
    expect(() => makeSecretFile(empty, { parse, fallback: '{}' })).toThrow(/^is an empty file/);
  });

  it('returns the fallback until there is a file', () => {
    const { path, clock, now } = arrange();
    const secret = makeSecretFile(path, { parse, fallback: '{}', now });
    expect(secret()).toBe('{}');
    writeFileSync(path, '{"a":1}');
    clock.ms = 1000;
    expect(secret()).toBe('{"a":1}');
  });

  it('finds a change within the same instant and of the same size', () => {
    const { path, clock, now } = arrange('aaaa');
    const instant = new Date();
    utimesSync(path, instant, instant);
    const secret = makeSecretFile(path, { parse, now });
    writeFileSync(path, 'bbbb');
    utimesSync(path, instant, instant);
    clock.ms = 1000;
    expect(secret()).toBe('bbbb');
  });
});

describe('content that is not valid', () => {
  const json = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      throw new CodedError('SECRET_INVALID', 'is not JSON');
    }
  };
  const arrangeJson = () => {
    const { path, clock, now } = arrange('{"a":1}');
    const secret = makeSecretFile(path, { parse: json, now });
    const after = (text: string) => {
      writeFileSync(path, text);
      clock.ms += 1000;
      return secret();
    };
    return { path, clock, secret, after };
  };

  it('is an error at the start', () => {
    expect(() => makeSecretFile(arrange('{"a":').path, { parse: json })).toThrow('is not JSON');
  });

  it('never replaces valid content, and is a fault until the content is valid again', () => {
    const { secret, after } = arrangeJson();
    const before = secret();
    expect(secret.fault()).toBeUndefined();
    expect(after('{"a":')).toBe(before);
    expect(secret.fault()).toEqual({ detail: 'is not JSON' });
    expect(after('{"a":2}')).toEqual({ a: 2 });
    expect(secret.fault()).toBeUndefined();
  });

  it('is one fault for as long as it stays the same, and another for other content', () => {
    const { path, clock, secret, after } = arrangeJson();
    after('{');
    const first = secret.fault();
    after('{');
    expect(secret.fault()).toBe(first);
    after('{{');
    expect(secret.fault()).not.toBe(first);
    rmSync(path);
    clock.ms += 1000;
    expect(secret.fault()?.detail).toMatch(/^cannot be read from .* \(ENOENT\)$/);
  });

  it('keeps the value itself when the valid content comes back', () => {
    const { secret, after } = arrangeJson();
    const before = secret();
    after('{');
    expect(after('{"a":1}')).toBe(before);
  });

  it('does not show content that an unforeseen error quotes', () => {
    const path = arrange('hunter2').path;
    const quote = (text: string): never => {
      throw new SyntaxError(`Unexpected token in ${text}`);
    };
    expect(() => makeSecretFile(path, { parse: quote })).toThrow(/^has content that is not valid$/);
  });
});
