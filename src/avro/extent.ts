// Whether bytes hold exactly one value of a schema, found out without building it. avsc believes every count that it reads: ten bytes that
// announce two thousand million items end the process for want of memory. Whoever decodes strange bytes asks here first.

import avro, { type Type } from 'avsc';

/** Steps over one value of `body` from `at`; where it ends. Throws RangeError when it can't be there. */
type Step = (body: Buffer, at: number) => number;

const MAX_VARINT_BYTES = 10;
const SIZES = new Map([
  ['null', 0],
  ['boolean', 1],
  ['float', 4],
  ['double', 8],
]);

const refuse = (): never => {
  throw new RangeError('the bytes do not fit the schema');
};

const endOfVarint: Step = (body, at) => {
  for (let end = at; end < at + MAX_VARINT_BYTES; end += 1) if ((body.at(end) ?? refuse()) < 0x80) return end + 1;
  return refuse();
};

/** Zigzag; exact up to 2^53, and what is larger is refused by everyone who asks. */
const readVarint = (body: Buffer, at: number, end: number): number => {
  let unsigned = 0;
  for (let i = end - 1; i >= at; i -= 1) unsigned = unsigned * 128 + (body.readUInt8(i) & 0x7f);
  return unsigned % 2 === 0 ? unsigned / 2 : -(unsigned + 1) / 2;
};

const stepBytes =
  (size: number): Step =>
  (body, at) =>
    at + size <= body.length ? at + size : refuse();

const stepText: Step = (body, at) => {
  const start = endOfVarint(body, at);
  const length = readVarint(body, at, start);
  return length >= 0 && start + length <= body.length ? start + length : refuse();
};

/** Every item takes a byte at least, so that work is bounded by the bytes; an array of nulls is refused. */
const stepItems =
  (item: Step): Step =>
  (body, at) => {
    for (;;) {
      const afterCount = endOfVarint(body, at);
      const count = readVarint(body, at, afterCount);
      at = count < 0 ? endOfVarint(body, afterCount) : afterCount; // a negative count comes with the size of its block
      if (count === 0) return at;
      for (let left = Math.abs(count); left > 0; left -= 1) {
        const next = item(body, at);
        at = next > at ? next : refuse();
      }
    }
  };

const stepUnion =
  (branches: readonly Step[]): Step =>
  (body, at) => {
    const end = endOfVarint(body, at);
    const index = readVarint(body, at, end);
    const branch = branches.at(index < 0 ? branches.length : index) ?? refuse();
    return branch(body, end);
  };

const stepAll =
  (steps: readonly Step[]): Step =>
  (body, at) =>
    steps.reduce((end, step) => step(body, end), at);

const makeStep = (type: Type, known: Map<Type, Step>): Step => {
  const made = known.get(type);
  if (made !== undefined) return made;
  known.set(type, (body, at) => (known.get(type) ?? refuse)(body, at)); // a record may hold itself
  const step = makeFreshStep(type, (inner) => makeStep(inner, known));
  known.set(type, step);
  return step;
};

/** What the types of avsc have, each its own of these. */
type Parts = {
  readonly fields: readonly { readonly type: Type }[];
  readonly itemsType: Type;
  readonly valuesType: Type;
  readonly types: readonly Type[];
  readonly size: number;
};

const makeFreshStep = (type: Type, stepOf: (inner: Type) => Step): Step => {
  const is = (...names: string[]): boolean => avro.Type.isType(type, ...names);
  const { fields, itemsType, valuesType, types, size } = type as unknown as Parts;
  if (is('record')) return stepAll(fields.map((field) => stepOf(field.type)));
  if (is('array')) return stepItems(stepOf(itemsType));
  if (is('map')) return stepItems(stepAll([stepText, stepOf(valuesType)]));
  if (is('union')) return stepUnion(types.map(stepOf));
  if (is('fixed')) return stepBytes(size);
  if (is('string', 'bytes')) return stepText;
  const fixedSize = SIZES.get(type.typeName);
  return fixedSize === undefined ? endOfVarint : stepBytes(fixedSize);
};

/** A function that tells whether a body is one value of `type`, from its first byte to its last; it takes time in proportion to the bytes. */
export const makeAvroExtent = (type: Type): ((body: Buffer) => boolean) => {
  const step = makeStep(type, new Map());
  return (body) => {
    try {
      return step(body, 0) === body.length;
    } catch {
      return false; // RangeError: ours, or a stack that a deeply nested value has filled
    }
  };
};
