import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { openAuditDestination } from '../../../../src/observability/audit/audit-destination.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
});

const open = (to: string) => {
  const stdout: string[] = [];
  const told: string[] = [];
  const destination = openAuditDestination({
    to,
    stdout: (line) => stdout.push(line),
    onFault: () => told.push('fault'),
    onRecovery: () => told.push('recovery'),
  });
  return { destination, stdout, told };
};

describe('the destination of the audit log', () => {
  it('is standard output by default', () => {
    const { destination, stdout } = open('stdout');
    destination.write('a\n');
    expect(stdout).toEqual(['a\n']);
    expect(destination.check).not.toThrow();
  });

  it('is a file that is written at once, appended to, and closed to others', () => {
    const path = join(folder, 'audit.log');
    const first = open(`file:${path}`);
    first.destination.write('a\n');
    first.destination.close();
    open(`file:${path}`).destination.write('b\n');
    expect(readFileSync(path, 'utf8')).toBe('a\nb\n');
    expect(statSync(path).mode & 0o007).toBe(0);
    expect(first.stdout).toEqual([]);
  });

  it('rejects a file that cannot be opened', () => {
    expect(() => open(`file:${join(folder, 'none', 'audit.log')}`)).toThrow('ENOENT');
  });

  it('follows a rotation: the next line after a check is in the new file', () => {
    const path = join(folder, 'audit.log');
    const { destination, told } = open(`file:${path}`);
    destination.write('a\n');
    renameSync(path, `${path}.1`);
    destination.check();
    destination.write('b\n');
    expect([readFileSync(`${path}.1`, 'utf8'), readFileSync(path, 'utf8'), told]).toEqual(['a\n', 'b\n', []]);
  });

  it('sends lines to standard output while the file cannot be written, and says so once', () => {
    const volume = join(folder, 'volume');
    mkdirSync(volume);
    const { destination, stdout, told } = open(`file:${join(volume, 'audit.log')}`);
    rmSync(volume, { recursive: true });

    expect(destination.check).toThrow('cannot be written');
    expect(destination.check).toThrow('cannot be written');
    destination.write('a\n');
    expect([stdout, told]).toEqual([['a\n'], ['fault']]);

    mkdirSync(volume);
    destination.check();
    destination.write('b\n');
    expect([stdout, told]).toEqual([['a\n'], ['fault', 'recovery']]);
    expect(readFileSync(join(volume, 'audit.log'), 'utf8')).toBe('b\n');
  });

  it('loses no line on a full disk, and stays degraded until a line was written', () => {
    const { destination, stdout, told } = open('file:/dev/full');
    destination.write('a\n');
    destination.write('b\n');
    expect([stdout, told]).toEqual([['a\n', 'b\n'], ['fault']]);
    expect(destination.check).toThrow('cannot be written');
  });
});
