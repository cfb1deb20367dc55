import avro, { type Schema } from 'avsc';
import { describe, expect, it } from 'vitest';

import { makeAvroExtent } from '../../../src/avro/extent.ts';

const { LongType } = avro.types;
const varint = (number: number): Buffer => new LongType().toBuffer(number);
const fits = (schema: Schema, ...parts: Uint8Array[]): boolean =>
  makeAvroExtent(avro.Type.forSchema(schema))(Buffer.concat(parts));

const names: Schema = { type: 'array', items: 'string' };
const list: Schema = {
  type: 'record',
  name: 'List',
  fields: [{ name: 'next', type: ['null', 'List'] as never }],
};

describe('the extent of a value', () => {
  it.each<[string, Schema, unknown]>([
    ['null', 'null', null],
    ['boolean', 'boolean', true],
    ['int', 'int', -1],
    ['long', 'long', Number.MAX_SAFE_INTEGER - 1],
    ['float', 'float', 0.5],
    ['double', 'double', 0.1],
    ['bytes', 'bytes', Buffer.from('abc')],
    ['string', 'string', 'äöü'],
    ['fixed', { type: 'fixed', name: 'F', size: 3 }, Buffer.from('abc')],
    ['enum', { type: 'enum', name: 'E', symbols: ['A', 'B'] }, 'B'],
    ['array', names, ['a', '', 'c']],
    ['an empty array', names, []],
    ['map', { type: 'map', values: 'int' }, { a: 1, b: 2 }],
    ['union', ['null', 'string'], 'a'],
    ['a record that contains itself', list, { next: { List: { next: null } } }],
  ])('is exact for %s: not a byte more or less', (_name, schema, value) => {
    const type = avro.Type.forSchema(schema, { wrapUnions: schema === list ? 'always' : 'auto' });
    const body = type.toBuffer(value);

    expect(makeAvroExtent(type)(body)).toBe(true);
    expect(makeAvroExtent(type)(Buffer.concat([body, Buffer.alloc(1)]))).toBe(false);
    if (body.length > 0) expect(makeAvroExtent(type)(body.subarray(0, -1))).toBe(false);
  });

  it('accepts a block with its size', () => {
    expect(fits(names, varint(-1), varint(2), varint(1), Buffer.from('a'), varint(0))).toBe(true);
  });

  it.each<[string, Schema, Uint8Array[]]>([
    ['a count that would exhaust the memory', names, [varint(2 ** 31), Buffer.alloc(8)]],
    ['a negative length', names, [varint(1), varint(-2), varint(0)]],
    ['items that take no bytes', { type: 'array', items: 'null' }, [varint(2 ** 31), varint(0)]],
    ['an unknown branch', ['null', 'string'], [varint(2)]],
    ['a negative branch', ['null', 'string'], [varint(-1)]],
    ['a number without an end', 'long', [Buffer.alloc(11, 0xff)]],
    ['a value nested deeper than the stack', list, [Buffer.alloc(1_000_000, 2)]],
  ])('is rejected at once for %s', (_name, schema, parts) => {
    expect(fits(schema, ...parts)).toBe(false);
  });
});
