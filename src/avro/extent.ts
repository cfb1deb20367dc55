// Checks that bytes hold exactly one value of a schema, without building it. avsc trusts every count that it reads: ten bytes that announce two
// billion items exhaust the memory of the process. Untrusted bytes are checked here before they are decoded.

import avro, { type Type } from 'avsc';

/** Skips one value of `body` that starts at `at`. Returns its end, throws RangeError if there is no such value. */
type Step = (body: Buffer, at: number) => number;

const MAX_VARINT_BYTES = 10;
const SIZES = new Map([
  ['null', 0],
  ['boolean', 1],
  ['float', 4],
  ['double', 8],
]);

const fail = (): never => {
  throw new RangeError('the bytes do not match the schema');
};

const endOfVarint: Step = (body, at) => {
  for (let end = at; end < at + MAX_VARINT_BYTES; end += 1) if ((body.at(end) ?? fail()) < 0x80) return end + 1;
  return fail();
};

/** Zigzag encoding; exact up to 2^53, and every caller rejects larger values. */
const readVarint = (body: Buffer, at: number, end: number): number => {
  let unsigned = 0;
  for (let i = end - 1; i >= at; i -= 1) unsigned = unsigned * 128 + (body.readUInt8(i) & 0x7f);
  return unsigned % 2 === 0 ? unsigned / 2 : -(unsigned + 1) / 2;
};

const stepBytes =
  (size: number): Step =>
  (body, at) =>
    at + size <= body.length ? at + size : fail();

const stepText: Step = (body, at) => {
  const start = endOfVarint(body, at);
  const length = readVarint(body, at, start);
  return length >= 0 && start + length <= body.length ? start + length : fail();
};

/** Every item takes at least one byte, so the work is bounded by the bytes; an array of nulls is rejected. */
const stepItems =
  (item: Step): Step =>
  (body, at) => {
    for (;;) {
      const afterCount = endOfVarint(body, at);
      const count = readVarint(body, at, afterCount);
      at = count < 0 ? endOfVarint(body, afterCount) : afterCount; // a negative count is followed by the size of its block
      if (count === 0) return at;
      for (let left = Math.abs(count); left > 0; left -= 1) {
        const next = item(body, at);
        at = next > at ? next : fail();
      }
    }
  };

const stepUnion =
  (branches: readonly Step[]): Step =>
  (body, at) => {
    const end = endOfVarint(body, at);
    const index = readVarint(body, at, end);
    const branch = branches.at(index < 0 ? branches.length : index) ?? fail();
    return branch(body, end);
  };

const stepAll =
  (steps: readonly Step[]): Step =>
  (body, at) =>
    steps.reduce((end, step) => step(body, end), at);

const makeStep = (type: Type, known: Map<Type, Step>): Step => {
  const existing = known.get(type);
  if (existing !== undefined) return existing;
  known.set(type, (body, at) => (known.get(type) ?? fail)(body, at)); // a record may contain itself
  const step = makeFreshStep(type, (inner) => makeStep(inner, known));
  known.set(type, step);
  return step;
};

/** Properties of avsc's types; each type has some of them. */
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

/** Returns a check whether a body is exactly one value of `type`. Its time is proportional to the number of bytes. */
export const makeAvroExtent = (type: Type): ((body: Buffer) => boolean) => {
  const step = makeStep(type, new Map());
  return (body) => {
    try {
      return step(body, 0) === body.length;
    } catch {
      return false; // RangeError: from `fail`, or a stack overflow by a deeply nested value
    }
  };
};
