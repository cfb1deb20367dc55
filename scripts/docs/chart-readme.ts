// helm/user-service/README.md: every value with its type, default and description, from values.yaml, its comments and values.schema.json.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isMap, isScalar, parse, parseDocument, type Pair, type YAMLMap } from 'yaml';

import { CHART_README } from './chart-readme-text.ts';

const CHART = join(import.meta.dirname, '../../helm/user-service');

type Schema = {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
};
type Leaf = {
  readonly path: string;
  readonly schema: Schema;
  readonly value: unknown;
  readonly comment: string;
};

/** One line. What stands above a blank line belongs to the file. */
const textOf = (comment: string | null | undefined): string =>
  (comment ?? '')
    .split(/\n\s*\n/)
    .slice(-1)
    .join('')
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim();

const keyOf = (pair: Pair): string => String(isScalar(pair.key) ? pair.key.value : pair.key);

/** The comment above a key, and the one at the end of its line. */
const commentOf = (pair: Pair, map: YAMLMap): string => {
  const above = isScalar(pair.key) ? pair.key.commentBefore : undefined;
  const first = pair === map.items[0] && map.flow !== true ? map.commentBefore : undefined;
  const after =
    isScalar(pair.value) || !isMap(pair.value) ? (pair.value as { comment?: string } | null)?.comment : undefined;
  return [first, above, after].map(textOf).filter(Boolean).join(' ');
};

const resolved = (schema: Schema, root: { $defs: Readonly<Record<string, Schema>> }): Schema => {
  const target = new Map(Object.entries(root.$defs)).get(schema.$ref?.split('/').at(-1) ?? '');
  return target === undefined ? schema : { ...target, properties: {}, ...schema };
};

const hasParts = ({ properties = {} }: Schema, path: string): boolean =>
  path !== 'config' && path !== 'featureFlags' && Object.keys(properties).length > 0;

/** Values that are not groups of values. @throws Error for a value that the schema does not describe */
const leavesOf = (
  map: YAMLMap,
  schema: Schema,
  root: { $defs: Readonly<Record<string, Schema>> },
  prefix = '',
): Leaf[] =>
  map.items.flatMap((pair): Leaf[] => {
    const path = `${prefix}${keyOf(pair)}`;
    const found = new Map(Object.entries(schema.properties ?? {})).get(keyOf(pair));
    if (found?.description === undefined && found?.$ref === undefined)
      throw new Error(`${path} of values.yaml has no description in values.schema.json`);
    const own = resolved(found, root);
    if (isMap(pair.value) && hasParts(own, path)) return leavesOf(pair.value, own, root, `${path}.`);
    const value = (pair.value as { toJSON: () => unknown } | null)?.toJSON();
    return [{ path, schema: own, value, comment: commentOf(pair, map) }];
  });

const typeOf = ({ enum: choices, type, minimum, maximum }: Schema): string => {
  if (choices !== undefined) return choices.map((choice) => `\`${String(choice)}\``).join(', ');
  const name = [type ?? ''].flat().join(' or ');
  return minimum === undefined ? name : `${name}, ${minimum} to ${maximum ?? '…'}`;
};

const defaultOf = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' ? 'empty' : `\`${text}\``;
};

const row = ({ path, schema, value, comment }: Leaf): string => {
  const description = [schema.description, comment]
    .filter(Boolean)
    .join(' ')
    .replaceAll('|', String.raw`\|`);
  return `| \`${path}\` | ${typeOf(schema)} | ${defaultOf(value)} | ${description} |`;
};

const table = (leaves: readonly Leaf[]): string[] => [
  '| value | type | default | description |',
  '| --- | --- | --- | --- |',
  ...leaves.map(row),
  '',
];

/** @returns the table of all values, with a section per group */
const valuesTables = (): string[] => {
  const document = parseDocument(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
  const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema & {
    $defs: Record<string, Schema>;
  };
  const map = document.contents as unknown as YAMLMap;
  const leaves = leavesOf(map, schema, schema);
  const groups = map.items.filter((pair) => leaves.some(({ path }) => path.startsWith(`${keyOf(pair)}.`)));
  const sections = groups.flatMap((pair) => [
    `### ${keyOf(pair)}`,
    '',
    [new Map(Object.entries(schema.properties ?? {})).get(keyOf(pair))?.description, commentOf(pair, map)]
      .filter(Boolean)
      .join(' '),
    '',
    ...table(leaves.filter(({ path }) => path.startsWith(`${keyOf(pair)}.`))),
  ]);
  return [...table(leaves.filter(({ path }) => !path.includes('.'))), ...sections];
};

export const chartReadmePage = (): string => {
  const chart = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')) as {
    version: string;
    appVersion: string;
    description: string;
    kubeVersion: string;
  };
  return [CHART_README(chart), ...valuesTables()].join('\n').trimEnd() + '\n';
};
