// Whether two versions of an event can read each other. avsc decides, as it does at run time. The differences explain why it rejects a pair: a
// property test checks that there are differences if and only if it does.

import avro, { type Type, type types } from 'avsc';

/** Why `reader` can't read what `writer` wrote, at the field that `path` names (empty: the event itself). */
export type Difference =
  | { readonly kind: 'missing-field'; readonly path: string; readonly type: Type; readonly aliases: readonly string[] }
  | { readonly kind: 'other-name'; readonly path: string }
  | { readonly kind: 'unknown-symbol'; readonly path: string; readonly symbol: string }
  | { readonly kind: 'other-type'; readonly path: string; readonly reader: Type; readonly writer: Type };

type Field = Pick<types.Field, 'name' | 'aliases' | 'type' | 'defaultValue'>;

/** Properties of avsc types; each kind of type has some of them. */
type Parts = {
  readonly fields: readonly Field[];
  readonly symbols: readonly string[];
  readonly default?: string;
  readonly itemsType: Type;
  readonly valuesType: Type;
};
export const partsOf = (type: Type): Parts => type as unknown as Parts;

/** Whether avsc can read as `reader` what `writer` wrote. */
export const reads = (reader: Type, writer: Type): boolean => {
  try {
    reader.createResolver(writer);
    return true;
  } catch {
    return false;
  }
};

const isBoth = (a: Type, b: Type, name: string): boolean => avro.Type.isType(a, name) && avro.Type.isType(b, name);

const sameName = (reader: Type, writer: Type): boolean =>
  reader.name === writer.name || (reader.aliases ?? []).includes(writer.name ?? '');

const NAMED = ['record', 'enum'];

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

const differencesOfField = (field: Field, writer: Type, path: string): Difference[] => {
  const names = [field.name, ...field.aliases];
  const [written, another] = partsOf(writer).fields.filter(({ name }) => names.includes(name));
  if (another !== undefined) return [{ kind: 'other-type', path, reader: field.type, writer: another.type }]; // both are aliases of it
  if (written !== undefined) return findDifferences(field.type, written.type, path);
  const { type, aliases } = field;
  return field.defaultValue() === undefined ? [{ kind: 'missing-field', path, type, aliases }] : [];
};

const unknownSymbols = (reader: Type, writer: Type, path: string): Difference[] => {
  const { symbols, default: fallback } = partsOf(reader);
  if (fallback !== undefined) return [];
  return partsOf(writer)
    .symbols.filter((symbol) => !symbols.includes(symbol))
    .map((symbol) => ({ kind: 'unknown-symbol', path, symbol }));
};

/** Descends to the field that differs; avsc decides about types without inner types. */
export const findDifferences = (reader: Type, writer: Type, path = ''): Difference[] => {
  const [read, written] = [partsOf(reader), partsOf(writer)];
  if (isBoth(reader, writer, 'array')) return findDifferences(read.itemsType, written.itemsType, path);
  if (isBoth(reader, writer, 'map')) return findDifferences(read.valuesType, written.valuesType, path);
  const named = NAMED.some((kind) => isBoth(reader, writer, kind));
  if (named && !sameName(reader, writer)) return [{ kind: 'other-name', path }];
  if (isBoth(reader, writer, 'enum')) return unknownSymbols(reader, writer, path);
  if (isBoth(reader, writer, 'record'))
    return read.fields.flatMap((field) => differencesOfField(field, writer, join(path, field.name)));
  return reads(reader, writer) ? [] : [{ kind: 'other-type', path, reader, writer }];
};
