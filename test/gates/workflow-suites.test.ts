// A suite that cannot run must not make a required build green: scripts/ci.ts with a PATH on which no tool is found.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';

import { afterAll, beforeAll, expect, it } from 'vitest';

const CI = join(import.meta.dirname, '../../scripts/ci.ts');
let path: string;

/** Instead of .ci/engine, which would find the tools of this machine; and instead of npm, a suite of which every test is skipped. */
beforeAll(() => {
  path = mkdtempSync(join(tmpdir(), 'no-tools-'));
  const programs = {
    bash: 'if [ "$2" = docker ]; then exit 0; fi; echo "$2 is not on PATH" >&2; exit 1',
    npm: 'echo "0 passed, 0 failed, 3 skipped"',
  };
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(path, name), 0o755);
  }
});
afterAll(() => {
  rmSync(path, { recursive: true });
});

const runSuite = (suite: string, variables: Record<string, string>): { status: number | null; lines: string[] } => {
  const { status, stdout, stderr } = spawnSync(execPath, [CI, suite], {
    encoding: 'utf8',
    env: { PATH: path, ...variables },
  });
  return { status, lines: `${stdout}${stderr}`.trim().split('\n') };
};

it('is reported where nothing requires it', () => {
  const { status, lines } = runSuite('test:chart', {});
  expect(lines).toContain('– test:chart: not run: helm is not on PATH');
  expect(status).toBe(0);
});

it('fails the build where it is required', () => {
  const { status, lines } = runSuite('test:chart', { REQUIRE_SUITES: 'test test:chart' });
  expect(lines).toContain('✗ test:chart: not run: helm is not on PATH');
  expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  expect(status).toBe(1);
});

it('fails the build where it is required and skips all of its tests', () => {
  expect(runSuite('test:image', {}).status).toBe(0);
  const { status, lines } = runSuite('test:image', { REQUIRE_SUITES: 'test:image' });
  expect(lines.at(-1)).toBe('0 passed, 1 failed, 3 skipped');
  expect(status).toBe(1);
});

it('must be named correctly', () => {
  const { status, lines } = runSuite('test:chart', { REQUIRE_SUITES: 'test:charts' });
  expect(lines.join('\n')).toContain('REQUIRE_SUITES names test:charts: there is no such suite.');
  expect(status).toBe(1);
});
