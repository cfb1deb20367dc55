// Which suites run, and when: scripts/ci.ts with a PATH on which no tool is found. A suite that cannot run must not make a required build green.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';

import { afterAll, beforeAll, expect, it } from 'vitest';

const CI = join(import.meta.dirname, '../../scripts/ci.ts');
let path: string;

/**
 * Instead of .ci/engine, which would find the tools of this machine; and instead of npm, a suite of which every test is skipped. That of Vault ends
 * when another suite has run.
 */
beforeAll(() => {
  path = mkdtempSync(join(tmpdir(), 'no-tools-'));
  const programs = {
    bash: 'case "$2" in docker|vault) exit 0; esac; echo "$2 is not on PATH" >&2; exit 1',
    npm: `
      if [ "$3" = test:vault ]; then while [ ! -f ${path}/ran ]; do :; done; else : > ${path}/ran; fi
      echo "$3: 0 passed"
      echo "0 passed, 0 failed, 3 skipped"`,
  };
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(path, name), 0o755);
  }
});
afterAll(() => {
  rmSync(path, { recursive: true });
});

const runSuites = (names: string, variables: Record<string, string>): { status: number | null; lines: string[] } => {
  const { status, stdout, stderr } = spawnSync(execPath, [CI, ...names.split(' ')], {
    encoding: 'utf8',
    env: { PATH: path, ...variables },
  });
  return { status, lines: `${stdout}${stderr}`.trim().split('\n') };
};

it('is reported where nothing requires it', () => {
  const { status, lines } = runSuites('test:chart', {});
  expect(lines).toContain('– test:chart: not run: helm is not on PATH');
  expect(status).toBe(0);
});

it('fails the build where it is required', () => {
  const { status, lines } = runSuites('test:chart', { REQUIRE_SUITES: 'test test:chart' });
  expect(lines).toContain('✗ test:chart: not run: helm is not on PATH');
  expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  expect(status).toBe(1);
});

it('fails the build where it is required and skips all of its tests', () => {
  expect(runSuites('test:image', {}).status).toBe(0);
  const { status, lines } = runSuites('test:image', { REQUIRE_SUITES: 'test:image' });
  expect(lines.at(-1)).toBe('0 passed, 1 failed, 3 skipped');
  expect(status).toBe(1);
});

it('must be named correctly', () => {
  for (const { status, lines } of [
    runSuites('test:chart', { REQUIRE_SUITES: 'test:charts' }),
    runSuites('test:image test:charts', {}),
  ]) {
    expect(lines.join('\n')).toContain('There is no suite test:charts.');
    expect(status).toBe(1);
  }
});

it('runs beside the suites after it if it mostly waits, up to the first one with Docker', () => {
  const { status, lines } = runSuites('test:vault test:rollback test:image', {});
  const order = [
    '▶ npm run test:rollback',
    '▶ npm run test:vault, its output',
    'test:vault: 0 passed',
    '▶ docker for test:image',
  ];
  expect(lines.filter((line) => order.includes(line))).toEqual(order);
  expect(lines.slice(-4)).toEqual([
    expect.stringMatching(/^✓ test:vault: 0 passed, 0 failed, 3 skipped/),
    expect.stringMatching(/^✓ test:rollback: /),
    expect.stringMatching(/^✓ test:image: /),
    '0 passed, 0 failed, 9 skipped',
  ]);
  expect(status).toBe(0);
});
