// Bodies of requests to Datadog: split by size, compressed at once, so that those that wait for an intake which is down need little memory.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';

import { keyOf, type DistributionSeries, type Series } from './datadog-series.ts';

export const SERIES_PATH = '/api/v2/series';
export const DISTRIBUTIONS_PATH = '/api/v1/distribution_points';

/** Bytes. Datadog accepts 512,000, and 5,242,880 before compression; of that we use less, because a body that has to be split is parsed in one turn. */
const MAX_COMPRESSED = 512_000;
const MAX_TEXT = 1_000_000;
/** So many series are serialized in one turn of the event loop, in about half a millisecond. */
const SLICE = 500;

type Path = typeof SERIES_PATH | typeof DISTRIBUTIONS_PATH;
type Item = Series | DistributionSeries;

export type Body = {
  readonly path: Path;
  /** How many series. */
  readonly series: number;
  readonly points: number;
  /** The time of the points in seconds since 1970. */
  readonly timestamp: number;
  readonly data: Buffer<ArrayBuffer>;
};

const compress = promisify<string, Buffer<ArrayBuffer>>(deflate);
const decompress = promisify<Buffer, Buffer>(inflate);

const pointsIn = ({ points: [point] }: Item): number => ('value' in point ? 1 : point[1].length);

/** Some series with their texts. */
type Texts = { readonly items: Item[]; readonly texts: string[]; bytes: number };

/** The texts of at most `MAX_TEXT` bytes each. */
const serialize = async (items: readonly Item[]): Promise<Texts[]> => {
  const parts: Texts[] = [];
  for (const [index, item] of items.entries()) {
    if (index % SLICE === SLICE - 1) await nextTurn();
    const text = JSON.stringify(item);
    const bytes = Buffer.byteLength(text) + 1;
    const last = parts.at(-1);
    if (last === undefined || last.bytes + bytes > MAX_TEXT) parts.push({ items: [item], texts: [text], bytes });
    else {
      last.items.push(item);
      last.texts.push(text);
      last.bytes += bytes;
    }
  }
  return parts;
};

const halves = <T>(list: readonly T[]): [T[], T[]] => {
  const middle = Math.ceil(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
};

/** @param timestamp of all points */
export const makeBodies = async (path: Path, items: readonly Item[], timestamp: number): Promise<Body[]> => {
  const bodies: Body[] = [];
  for (const part of await serialize(items)) {
    const data = await compress(`{"series":[${part.texts.join()}]}`);
    const points = part.items.reduce((sum, item) => sum + pointsIn(item), 0);
    if (data.length <= MAX_COMPRESSED || part.items.length === 1)
      bodies.push({ path, series: part.items.length, points, timestamp, data });
    else for (const half of halves(part.items)) bodies.push(...(await makeBodies(path, half, timestamp)));
  }
  return bodies;
};

const itemsOf = async ({ data }: Body): Promise<Item[]> =>
  (JSON.parse((await decompress(data)).toString()) as { series: Item[] }).series;

/** Two bodies with half of the series each, without those that `isUnwanted` says. */
export const halve = async (body: Body, isUnwanted: (key: string) => boolean): Promise<Body[]> => {
  const split = halves((await itemsOf(body)).filter((item) => !isUnwanted(keyOf(item))));
  return (await Promise.all(split.map((items) => makeBodies(body.path, items, body.timestamp)))).flat();
};

/** Name and key of the first series. */
export const firstSeriesOf = async (body: Body): Promise<{ metric: string; key: string } | undefined> => {
  const [item] = await itemsOf(body);
  return item && { metric: item.metric, key: keyOf(item) };
};
