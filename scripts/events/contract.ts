// Reads a folder of events. Faults are part of the result, so that one broken file does not hide the others.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import avro, { type Schema, type Type } from 'avsc';
import { parse } from 'yaml';

import type { Policy } from '../../src/avro/schemas.ts';

export type Version = {
  readonly number: number;
  /** `user-registered/v1.avsc` */
  readonly path: string;
  /** Parsed JSON of the file. */
  readonly schema: unknown;
  readonly type: Type;
};

export type EventFolder = {
  readonly event: string;
  /** Sorted by number, without files that are not valid Avro. */
  readonly versions: readonly Version[];
  readonly faults: readonly string[];
};

export type Contract = { readonly policy: Policy; readonly events: readonly EventFolder[] };

const FILE = /^v([1-9]\d{0,3})\.avsc$/;

/** A version, or the reason why the file is invalid. */
type Read = { readonly version?: Version; readonly fault?: string };

const readVersion = (directory: string, path: string, number: number): Read => {
  try {
    const schema = JSON.parse(readFileSync(join(directory, path), 'utf8')) as Schema;
    const type = avro.Type.forSchema(schema);
    if (avro.Type.isType(type, 'record')) return { version: { number, path, schema, type } };
    return { fault: `${path} is not a record: an event has named fields.` };
  } catch (error) {
    return { fault: `${path} is not a valid Avro schema: ${(error as Error).message}.` };
  }
};

/** Numbers that are missing up to the highest one; v1 when there is none at all. */
const missingFiles = (numbers: readonly number[]): string[] =>
  Array.from({ length: Math.max(1, ...numbers) }, (_, index) => index + 1)
    .filter((number) => !numbers.includes(number))
    .map((number) => `v${number}.avsc`);

const readEvent = (directory: string, event: string): EventFolder => {
  const files = readdirSync(join(directory, event));
  const strays = files.filter((file) => !FILE.test(file));
  const numbers = files.flatMap((file) => FILE.exec(file)?.[1] ?? []).map(Number);
  const read = numbers
    .toSorted((a, b) => a - b)
    .map((number) => readVersion(directory, `${event}/v${number}.avsc`, number));
  return {
    event,
    versions: read.flatMap(({ version }) => version ?? []),
    faults: [
      ...strays.map((file) => `${event}/${file} is not a version file: name it v1.avsc, v2.avsc, and so on.`),
      ...missingFiles(numbers).map((file) => `${event} lacks ${file}: versions start at v1 and have no gaps.`),
      ...read.flatMap(({ fault }) => fault ?? []),
    ],
  };
};

const readPolicy = (path: string): Policy => {
  const policy = parse(readFileSync(path, 'utf8')) as Partial<Policy> | null;
  const topics = Object.values(policy?.topics ?? {});
  if (topics.length > 0 && topics.every(({ events }) => Array.isArray(events))) return policy as Policy;
  throw new Error(`${path} must list topics, each with a key and a list of events.`);
};

/** @throws when the folder does not exist or has no policy */
export const readContract = (directory: string): Contract => {
  if (!existsSync(directory)) throw new Error(`Folder not found: ${directory}`);
  const path = join(directory, 'policy.yaml');
  if (!existsSync(path)) throw new Error(`${directory} has no policy.yaml: it is not a folder of events.`);
  const folders = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return { policy: readPolicy(path), events: folders.map(({ name }) => readEvent(directory, name)) };
};
