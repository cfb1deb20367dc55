// The folder of events as it is, faults included: whoever looks at a contract must not stumble over a broken one.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import avro, { type Schema, type Type } from 'avsc';
import { parse } from 'yaml';

import type { Policy } from '../../src/avro/schemas.ts';

export type Version = {
  readonly number: number;
  /** `user-registered/v1.avsc` */
  readonly path: string;
  /** As the file has it. */
  readonly schema: unknown;
  readonly type: Type;
};

export type EventFolder = {
  readonly event: string;
  /** By number, without those that are no Avro. */
  readonly versions: readonly Version[];
  readonly faults: readonly string[];
};

export type Contract = { readonly policy: Policy; readonly events: readonly EventFolder[] };

const FILE = /^v([1-9]\d{0,3})\.avsc$/;

/** A version, or why it is none. */
type Read = { readonly version?: Version; readonly fault?: string };

const readVersion = (directory: string, path: string, number: number): Read => {
  try {
    const schema = JSON.parse(readFileSync(join(directory, path), 'utf8')) as Schema;
    const type = avro.Type.forSchema(schema);
    if (avro.Type.isType(type, 'record')) return { version: { number, path, schema, type } };
    return { fault: `${path} is no record: an event has named fields.` };
  } catch (error) {
    return { fault: `${path} is no valid Avro schema: ${(error as Error).message}.` };
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
      ...strays.map((file) => `${event}/${file} is no version: name it v1.avsc, v2.avsc, and so on.`),
      ...missingFiles(numbers).map((file) => `${event} lacks ${file}: versions begin with v1 and leave none out.`),
      ...read.flatMap(({ fault }) => fault ?? []),
    ],
  };
};

const readPolicy = (path: string): Policy => {
  const policy = parse(readFileSync(path, 'utf8')) as Partial<Policy> | null;
  const topics = Object.values(policy?.topics ?? {});
  if (topics.length > 0 && topics.every(({ events }) => Array.isArray(events))) return policy as Policy;
  throw new Error(`${path} has no topics with a key and a list of events each.`);
};

/** @throws when the folder is not there or has no policy */
export const readContract = (directory: string): Contract => {
  if (!existsSync(directory)) throw new Error(`There is no folder ${directory}.`);
  const path = join(directory, 'policy.yaml');
  if (!existsSync(path)) throw new Error(`${directory} has no policy.yaml: it is no folder of events.`);
  const folders = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return { policy: readPolicy(path), events: folders.map(({ name }) => readEvent(directory, name)) };
};
