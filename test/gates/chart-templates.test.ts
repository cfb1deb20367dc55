// Helm reads the numbers of a values file as floating-point numbers and prints 1000000 as 1e+06, which no process accepts as an integer.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const chart = join(import.meta.dirname, '../../helm/user-service');
const templates = readdirSync(join(chart, 'templates')).filter((name) => /\.(tpl|yaml)$/.test(name));

/** Texts by the chart's schema, JSON (which has an exponent only from 1e21 on), and results of integer arithmetic. */
const PRINTED_AS_IT_IS = /^(\S*\.(version|environment)|toJson \S+|include "user-service\.text" \S+|\((mul|add) .*)$/;

/** Values that are printed with `quote` or `toString` and may be numbers of a values file. */
const numbersAsFloats = (text: string): string[] =>
  [...text.matchAll(/value: \{\{-? (.+?) \| quote|: \{\{-? (.+?) \| quote|\(toString (.+?)\)\s/g)]
    .map(([, value, other, argument]) => value ?? other ?? argument ?? '')
    .filter((value) => !PRINTED_AS_IT_IS.test(value));

/** Integers that are printed without conversion, so they have to stay below the size from which on an exponent is printed. */
const unboundedIntegers = (schema: unknown, path = ''): string[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, maximum } = schema as { type?: unknown; maximum?: number };
  const own = type === 'integer' && (maximum ?? Infinity) >= 1_000_000 ? [path] : [];
  return [...own, ...Object.entries(schema).flatMap(([key, inner]) => unboundedIntegers(inner, `${path}/${key}`))];
};

describe('the templates', () => {
  it.each(templates)('of %s print no number of a values file with an exponent', (name) => {
    expect(numbersAsFloats(readFileSync(join(chart, 'templates', name), 'utf8'))).toEqual([]);
  });

  it.each([
    ['{{ $name }}: {{ $value | quote }}', '$value'],
    ['- { name: POSTGRES_POOL_SIZE, value: {{ . | quote }} }', '.'],
    ['"POSTGRES_PORT" (toString $values.postgres.port) ', '$values.postgres.port'],
  ])('would be found with %s', (line, value) => {
    expect(numbersAsFloats(line)).toEqual([value]);
  });
});

describe('the schema of the values', () => {
  it('bounds every integer below 1000000', () => {
    const schema: unknown = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'));
    const printed = unboundedIntegers(schema).filter((path) => !path.startsWith('/properties/featureFlags/')); // is printed as JSON
    expect(printed).toEqual([]);
    expect(unboundedIntegers({ properties: { seconds: { type: 'integer', maximum: 1_000_000 } } })).toEqual([
      '/properties/seconds',
    ]);
  });
});
