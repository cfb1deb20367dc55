// Each values file of the chart says only what differs.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

type Tree = Readonly<Record<string, unknown>>;

const folder = join(import.meta.dirname, '../../helm/user-service');
const read = (name: string): Tree => parse(readFileSync(join(folder, name), 'utf8')) as Tree;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;

/** Paths of values that `special` says again as `base` has them, or that `base` does not know. */
const idleValues = (special: Tree, base: Tree, prefix = ''): string[] =>
  Object.entries(special).flatMap(([key, value]) => {
    const path = `${prefix}${key}`;
    const before = new Map(Object.entries(base)).get(key);
    if (isTree(value) && isTree(before)) return idleValues(value, before, `${path}.`);
    return before === undefined || JSON.stringify(before) === JSON.stringify(value) ? [path] : [];
  });

describe('values of an environment', () => {
  it.each(['dev', 'staging', 'production'])(
    '%s says nothing that values.yaml says already, or does not know',
    (name) => {
      expect(idleValues(read(`values-${name}.yaml`), read('values.yaml'))).toEqual([]);
    },
  );

  it('are found idle when they repeat or misspell', () => {
    const base = { log: { level: 'info' }, redis: { tls: true } };
    expect(idleValues({ log: { level: 'info' }, redis: { tsl: false } }, base)).toEqual(['log.level', 'redis.tsl']);
  });
});
