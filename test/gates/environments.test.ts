// The values file of each environment overrides only what differs from values.yaml.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

type Tree = Readonly<Record<string, unknown>>;

const folder = join(import.meta.dirname, '../../helm/user-service');
const read = (name: string): Tree => parse(readFileSync(join(folder, name), 'utf8')) as Tree;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;

/** Paths of values in `special` that equal those of `base`, or that `base` does not have. */
const redundantValues = (special: Tree, base: Tree, prefix = ''): string[] =>
  Object.entries(special).flatMap(([key, value]) => {
    const path = `${prefix}${key}`;
    const before = new Map(Object.entries(base)).get(key);
    if (isTree(value) && isTree(before)) return redundantValues(value, before, `${path}.`);
    return before === undefined || JSON.stringify(before) === JSON.stringify(value) ? [path] : [];
  });

describe('values of an environment', () => {
  it.each(['dev', 'staging', 'production'])(
    '%s overrides only values that values.yaml has, with other values',
    (name) => {
      expect(redundantValues(read(`values-${name}.yaml`), read('values.yaml'))).toEqual([]);
    },
  );

  it('are found redundant when they repeat or misspell', () => {
    const base = { log: { level: 'info' }, redis: { tls: true } };
    expect(redundantValues({ log: { level: 'info' }, redis: { tsl: false } }, base)).toEqual([
      'log.level',
      'redis.tsl',
    ]);
  });
});
