import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { claim } from '../../../scripts/gameday/stacks/only-one.ts';

describe('one stack at a time', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'only-one-'));
    file = join(folder, 'stack/pid');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('refuses a second one with the process that has it', () => {
    claim(file, 'A stack');
    expect(() => claim(file, 'A stack')).toThrow(`A stack is running already: process ${process.pid}.`);
  });

  it('is free after the first one has released it', () => {
    claim(file, 'A stack')();
    expect(existsSync(file)).toBe(false);
    claim(file, 'A stack')();
  });

  it('takes it over from a process that was killed', () => {
    claim(file, 'A stack')();
    const { pid } = spawnSync(execPath, ['--version']);
    writeFileSync(file, String(pid));
    expect(() => claim(file, 'A stack')).not.toThrow();
  });
});
