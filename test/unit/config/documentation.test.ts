import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = join(root, 'docs/configuration.md');
const check = (path: string) => spawnSync(process.execPath, [join(root, 'scripts/docs.ts'), '--check', path]).status;

describe('docs/configuration.md', () => {
  it('is what the schema says', () => {
    expect(check(page)).toBe(0);
  });

  it('is found stale when a default differs', () => {
    const stale = join(mkdtempSync(join(tmpdir(), 'docs-')), 'configuration.md');
    writeFileSync(stale, readFileSync(page, 'utf8').replace('`8080`', '`80`'));
    expect(check(stale)).toBe(1);
  });
});
