import type { Type } from 'avsc';

import { partsOf } from './compatibility.ts';
import type { Version } from './contract.ts';

/** A field as the file has it: avsc keeps no logical type that it does not implement. */
type Field = { readonly name: string; readonly type: unknown };

const logicalTypeOf = ({ type }: Field): string =>
  typeof type === 'object' && type !== null && 'logicalType' in type ? String(type.logicalType) : 'none';

const fieldsOf = ({ schema }: Version): readonly Field[] => (schema as { fields: readonly Field[] }).fields;

const avroTypeOf = ({ type }: Version, name: string): string => {
  const found: { readonly type: Type } | undefined = partsOf(type).fields.find((field) => field.name === name);
  return found?.type.typeName ?? '';
};

const isSwapOfTextAndBytes = (was: string, is: string): boolean =>
  ['string bytes', 'bytes string'].includes(`${was} ${is}`);

/**
 * Changes that Avro accepts and readers misinterpret, such as milliseconds that are microseconds now. A schema registry accepts them. Sentences
 * follow the path of `newer`.
 */
export const findChangedMeanings = (older: Version, newer: Version): string[] =>
  fieldsOf(newer).flatMap((field) => {
    const before = fieldsOf(older).find(({ name }) => name === field.name);
    if (before === undefined) return [];
    const [was, is] = [logicalTypeOf(before), logicalTypeOf(field)];
    const [typeWas, typeIs] = [avroTypeOf(older, field.name), avroTypeOf(newer, field.name)];
    const instead = 'keep it, readers interpret it as before; add a field with a default instead.';
    return [
      ...(was === is ? [] : [`changes the logical type of "${field.name}" from ${was} to ${is}: ${instead}`]),
      ...(isSwapOfTextAndBytes(typeWas, typeIs)
        ? [`changes "${field.name}" from ${typeWas} to ${typeIs}: ${instead}`]
        : []),
    ];
  });
