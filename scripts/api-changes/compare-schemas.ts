// Finds breaking changes of a schema between two releases. An input may only become wider: what was accepted stays accepted. An output
// keeps what clients rely on: its fields, their types and the values of their enums; it may gain fields, and its bounds may become narrower.

import { isDeepStrictEqual } from 'node:util';

import type { Resolve, Schema } from './document.ts';

export type Direction = 'input' | 'output';
export type Pair<T> = { readonly old: T; readonly now: T };
type Compare = (pair: Pair<Schema>, place: string) => string[];

const asList = (value: unknown): readonly unknown[] => {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as unknown[]) : [value];
};
const show = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(', ');

/** An `integer` is also a `number`. */
const covers = (types: readonly unknown[], type: unknown): boolean =>
  types.includes(type) || (type === 'integer' && types.includes('number'));

const typeFaults = ({ old, now }: Pair<Schema>, place: string, direction: Direction): string[] => {
  const [before, after] = [asList(old.type), asList(now.type)];
  const isCompatible =
    direction === 'input'
      ? after.length === 0 || (before.length > 0 && before.every((type) => covers(after, type)))
      : before.length === after.length && before.every((type) => after.includes(type));
  return isCompatible ? [] : [`${place} changes its type from ${show(before) || 'any'} to ${show(after) || 'any'}`];
};

const valuesOf = ({ enum: values, const: value }: Schema): readonly unknown[] | undefined =>
  values ?? (value === undefined ? undefined : [value]);

const enumFaults = ({ old, now }: Pair<Schema>, place: string, direction: Direction): string[] => {
  const [before, after] = [valuesOf(old), valuesOf(now)];
  if (before === undefined)
    return after === undefined || direction === 'output' ? [] : [`${place} accepts only ${show(after)} now`];
  if (after === undefined) return direction === 'input' ? [] : [`${place} may be any value now`];
  const gone = before.filter((value) => !after.includes(value));
  const added = direction === 'output' ? after.filter((value) => !before.includes(value)) : [];
  return [
    ...(gone.length === 0 ? [] : [`${place} loses the value ${show(gone)}`]),
    ...(added.length === 0 ? [] : [`${place} gains the value ${show(added)}, which clients don't know`]),
  ];
};

/** A higher lower bound narrows a schema, and so does a lower upper bound. */
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

const bound = (schema: Schema, keyword: string, absent: number): number => {
  const value = new Map(Object.entries(schema)).get(keyword);
  return typeof value === 'number' ? value : absent;
};

const boundFaults = ({ old, now }: Pair<Schema>, place: string, direction: Direction): string[] => {
  const [from, to] = direction === 'input' ? [old, now] : [now, old];
  const moved = [
    ...LOWER.filter((keyword) => bound(to, keyword, -Infinity) > bound(from, keyword, -Infinity)),
    ...UPPER.filter((keyword) => bound(to, keyword, Infinity) < bound(from, keyword, Infinity)),
  ];
  return moved.map((keyword) => `${place} has a ${direction === 'input' ? 'narrower' : 'wider'} ${keyword}`);
};

/** Which of two patterns is narrower is not computed: a pattern may only be removed from inputs and added to outputs. */
const FORMS = ['format', 'pattern', 'multipleOf', 'uniqueItems'];
/** Not used in this API: a change needs a review. */
const NOT_COMPARED = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'prefixItems', 'patternProperties'];

const keywordFaults = ({ old, now }: Pair<Schema>, place: string, direction: Direction): string[] => {
  const [before, after] = [new Map(Object.entries(old)), new Map(Object.entries(now))];
  const differs = (keyword: string) => !isDeepStrictEqual(before.get(keyword), after.get(keyword));
  const free = direction === 'input' ? after : before;
  return [
    ...FORMS.filter((keyword) => differs(keyword) && free.has(keyword)).map((it) => `${place} changes its ${it}`),
    ...NOT_COMPARED.filter(differs).map((keyword) => `${place} changes ${keyword}, which is not compared: review it`),
  ];
};

const fieldFaults = ({ old, now }: Pair<Schema>, place: string, direction: Direction, compare: Compare): string[] => {
  const fields = new Map(Object.entries(now.properties ?? {}));
  return Object.entries(old.properties ?? {}).flatMap(([name, before]) => {
    const after = fields.get(name);
    if (after !== undefined) return compare({ old: before, now: after }, `${place}.${name}`);
    const stillAccepted = direction === 'input' && now.additionalProperties !== false;
    return stillAccepted ? [] : [`${place}.${name} is removed`];
  });
};

const requiredFaults = ({ old, now }: Pair<Schema>, place: string, direction: Direction): string[] => {
  const [before, after] = [old.required ?? [], now.required ?? []];
  return direction === 'input'
    ? after.filter((name) => !before.includes(name)).map((name) => `${place}.${name} is required now`)
    : before
        .filter((name) => !after.includes(name) && name in (now.properties ?? {}))
        .map((name) => `${place}.${name} may be absent now`);
};

const opennessFaults = ({ old, now }: Pair<Schema>, place: string, direction: Direction): string[] =>
  direction === 'input' && old.additionalProperties !== false && now.additionalProperties === false
    ? [`${place} rejects other fields now`]
    : [];

type Deps = { readonly direction: Direction; readonly resolve: Pair<Resolve> };

/** Sentences about changes that break users of the older schema. Schemas may refer to themselves. */
export const makeCompareSchemas = ({ direction, resolve }: Deps): Compare => {
  const visited = new Set<string>();
  const compare: Compare = (pair, place) => {
    const names = `${pair.old.$ref ?? ''} ${pair.now.$ref ?? ''}`;
    if (names.length > 1 && visited.has(names)) return [];
    visited.add(names);
    const both = { old: resolve.old(pair.old), now: resolve.now(pair.now) };
    const items =
      both.old.items === undefined && both.now.items === undefined
        ? []
        : compare({ old: both.old.items ?? {}, now: both.now.items ?? {} }, `${place}[]`);
    return [
      ...[typeFaults, enumFaults, boundFaults, keywordFaults].flatMap((find) => find(both, place, direction)),
      ...fieldFaults(both, place, direction, compare),
      ...[requiredFaults, opennessFaults].flatMap((find) => find(both, place, direction)),
      ...items,
    ];
  };
  return compare;
};
