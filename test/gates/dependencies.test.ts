// The checks of readiness are the values of the label `dependency`, and each has a row in the runbook of the alert that has this label.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { loadContract } from '../../scripts/telemetry/contract.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort((a, b) => a.localeCompare(b));

const checks = sorted(
  globSync('src/**/*.ts', { cwd: ROOT }).flatMap((file) =>
    [...read(file).matchAll(/\bname: '([\w-]+)',\s+required: /g)].map(([, name = '']) => name),
  ),
);

it('the contract of telemetry has exactly the checks that processes make', () => {
  const { labels } = loadContract().metrics.find(({ name }) => name === 'dependency_up') ?? {};
  const { dependency } = labels ?? {};
  expect(checks.length).toBeGreaterThan(6);
  expect(dependency !== undefined && 'values' in dependency ? sorted(dependency.values) : []).toEqual(checks);
});

it('the runbook says what each of them means', () => {
  const rows = [...read('runbooks/dependency-down.md').matchAll(/^\| `([\w-]+)` /gm)].map(([, name = '']) => name);
  expect(sorted(rows.filter((name) => name !== 'dependency'))).toEqual(checks);
});
