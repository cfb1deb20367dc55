// The published schemas of api-specs/events: which events there are, on which topic, and every version of each. The newest one is what this
// release writes and reads.

/* eslint-disable security/detect-non-literal-fs-filename -- the folder is the caller's, its files are the repository's */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import avro, { type Schema, type Type } from 'avsc';
import { parse } from 'yaml';

/** A record schema as its file has it. */
export type RawSchema = Schema & { readonly name: string; readonly namespace: string };

export type EventSchema = {
  /** Name of the record, e.g. `OrderPlaced`. */
  readonly type: string;
  readonly topic: string;
  /** Topic and full record name: a topic carries several events, each with a history of its own. */
  readonly subject: string;
  /** From v1 on. */
  readonly versions: readonly RawSchema[];
  readonly newest: Type;
};

export type Policy = {
  readonly namespace: string;
  readonly compatibility: string;
  /** Folders of api-specs/events by topic. */
  readonly topics: Readonly<Record<string, readonly string[]>>;
};

export type EventSchemas = { readonly policy: Policy; readonly byType: ReadonlyMap<string, EventSchema> };

/** Beside src/ in the repository, and beside dist/ in the image. */
export const EVENTS_DIRECTORY = join(import.meta.dirname, '../../api-specs/events');

const versionOf = (file: string): number => Number(/^v(\d+)\.avsc$/.exec(file)?.[1] ?? Number.NaN);

/** The versions in a folder, by number; files that are none are left out. */
export const readVersions = async (folder: string): Promise<Map<number, RawSchema>> => {
  const files = (await readdir(folder)).filter((file) => !Number.isNaN(versionOf(file)));
  const read = async (file: string): Promise<[number, RawSchema]> => [
    versionOf(file),
    JSON.parse(await readFile(join(folder, file), 'utf8')) as RawSchema,
  ];
  return new Map((await Promise.all(files.map(read))).toSorted(([a], [b]) => a - b));
};

export const readPolicy = async (directory: string): Promise<Policy> =>
  parse(await readFile(join(directory, 'policy.yaml'), 'utf8')) as Policy;

const loadEvent = async (folder: string, topic: string): Promise<EventSchema> => {
  const versions = [...(await readVersions(folder)).values()];
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error(`${folder} has no schema.`);
  const subject = `${topic}-${newest.namespace}.${newest.name}`;
  return { type: newest.name, topic, subject, versions, newest: avro.Type.forSchema(newest) };
};

/** @param directory api-specs/events; `npm run events:check` has judged it */
export const loadEventSchemas = async (directory: string): Promise<EventSchemas> => {
  const policy = await readPolicy(directory);
  const places = Object.entries(policy.topics).flatMap(([topic, names]) => names.map((name) => ({ topic, name })));
  const events = await Promise.all(places.map(({ topic, name }) => loadEvent(join(directory, name), topic)));
  return { policy, byType: new Map(events.map((event) => [event.type, event])) };
};
