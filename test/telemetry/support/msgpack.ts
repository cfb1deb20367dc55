// Decodes MessagePack as far as tracers write it: https://github.com/msgpack/msgpack/blob/master/spec.md

type Read = (view: DataView, at: number) => number | bigint;

const NUMBERS: ReadonlyMap<number, readonly [size: number, read: Read]> = new Map<number, readonly [number, Read]>([
  [0xca, [4, (view, at) => view.getFloat32(at)]],
  [0xcb, [8, (view, at) => view.getFloat64(at)]],
  [0xcc, [1, (view, at) => view.getUint8(at)]],
  [0xcd, [2, (view, at) => view.getUint16(at)]],
  [0xce, [4, (view, at) => view.getUint32(at)]],
  [0xcf, [8, (view, at) => view.getBigUint64(at)]],
  [0xd0, [1, (view, at) => view.getInt8(at)]],
  [0xd1, [2, (view, at) => view.getInt16(at)]],
  [0xd2, [4, (view, at) => view.getInt32(at)]],
  [0xd3, [8, (view, at) => view.getBigInt64(at)]],
]);
const CONSTANTS: ReadonlyMap<number, unknown> = new Map<number, unknown>([
  [0xc0, null],
  [0xc2, false],
  [0xc3, true],
]);
/** Texts, binaries, arrays and maps whose length follows in so many bytes. */
const LENGTHS: ReadonlyMap<number, readonly ['text' | 'bytes' | 'array' | 'map', number]> = new Map([
  [0xd9, ['text', 1]],
  [0xda, ['text', 2]],
  [0xdb, ['text', 4]],
  [0xc4, ['bytes', 1]],
  [0xc5, ['bytes', 2]],
  [0xc6, ['bytes', 4]],
  [0xdc, ['array', 2]],
  [0xdd, ['array', 4]],
  [0xde, ['map', 2]],
  [0xdf, ['map', 4]],
]);

/** Maps become objects; 64-bit integers bigints. @throws Error on a type that is not supported */
export const decodeMessagePack = (bytes: Buffer): unknown => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;

  const take = (length: number): Buffer => bytes.subarray(at, (at += length)); // eslint-disable-line sonarjs/no-nested-assignment -- it moves on
  const array = (length: number): unknown[] => Array.from({ length }, value);
  const map = (length: number): object =>
    Object.fromEntries(Array.from({ length }, (): [string, unknown] => [String(value()), value()]));
  const sized = (kind: 'text' | 'bytes' | 'array' | 'map', length: number): unknown => {
    if (kind === 'text') return take(length).toString();
    if (kind === 'bytes') return take(length);
    return kind === 'array' ? array(length) : map(length);
  };
  function value(): unknown {
    const type = view.getUint8(at);
    at += 1;
    if (type <= 0x7f) return type;
    if (type >= 0xe0) return type - 0x100;
    if (type <= 0x8f) return map(type & 0x0f);
    if (type <= 0x9f) return array(type & 0x0f);
    if (type <= 0xbf) return sized('text', type & 0x1f);
    if (CONSTANTS.has(type)) return CONSTANTS.get(type);
    const number = NUMBERS.get(type);
    if (number !== undefined) {
      at += number[0];
      return number[1](view, at - number[0]);
    }
    const length = LENGTHS.get(type);
    if (length === undefined) throw new Error(`MessagePack type ${type} at byte ${at - 1} is not supported`);
    return sized(length[0], take(length[1]).readUIntBE(0, length[1]));
  }
  return value();
};
