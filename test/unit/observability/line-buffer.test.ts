import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeLineBuffer } from '../../../src/observability/line-buffer.ts';

const arrange = () => {
  const path = join(mkdtempSync(join(tmpdir(), 'lines-')), 'log');
  const buffer = makeLineBuffer(path);
  return { buffer, written: () => readFileSync(path, 'utf8') };
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('makeLineBuffer', () => {
  it('writes the buffer when it is full', () => {
    const { buffer, written } = arrange();
    const line = `${'x'.repeat(1023)}\n`;
    for (let i = 0; i < 3; i += 1) buffer.write(line);
    expect(written()).toBe('');
    buffer.write(line);
    expect(written()).toBe(line.repeat(4));
  });

  it('writes buffered lines after a second', () => {
    const { buffer, written } = arrange();
    buffer.write('a\n');
    vi.advanceTimersByTime(1000);
    expect(written()).toBe('a\n');
  });

  it('writes buffered lines on flush, once and in order', () => {
    const { buffer, written } = arrange();
    buffer.write('a\n');
    buffer.write('b\n');
    buffer.flushSync();
    buffer.flushSync();
    expect(written()).toBe('a\nb\n');
  });
});
