// The published schemas of api-specs/events: the events, their topics, and every version of each. This release writes and reads the newest one.

/* eslint-disable security/detect-non-literal-fs-filename -- a folder of the repository, never user input */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import avro, { type Schema, type Type } from 'avsc';
import { parse } from 'yaml';

/** A record schema as in its file. */
export type RawSchema = Schema & { readonly name: string; readonly namespace: string };

export type EventSchema = {
  /** Name of the record, e.g. `OrderPlaced`. */
  readonly type: string;
  readonly topic: string;
  /** Topic and full record name: a topic carries several events, each with its own versions. */
  readonly subject: string;
  /** From v1 on. */
  readonly versions: readonly RawSchema[];
  readonly newest: Type;
};

export type Policy = {
  readonly namespace: string;
  /** Compatibility level of every subject. */
  readonly compatibility: string;
  /** By topic: folders of api-specs/events, and the field whose value is the key of their messages. */
  readonly topics: Readonly<Record<string, { readonly key: string; readonly events: readonly string[] }>>;
};

export type EventSchemas = { readonly policy: Policy; readonly byType: ReadonlyMap<string, EventSchema> };

/** Beside src/ in the repository, and beside dist/ in the image. */
export const EVENTS_DIRECTORY = join(import.meta.dirname, '../../api-specs/events');

const FILE = /^v([1-9]\d{0,3})\.avsc$/;
const versionOf = (file: string): number => Number(FILE.exec(file)?.[1]);

const readVersions = async (folder: string): Promise<RawSchema[]> => {
  const files = (await readdir(folder)).filter((file) => FILE.test(file));
  return Promise.all(
    files
      .toSorted((a, b) => versionOf(a) - versionOf(b))
      .map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as RawSchema),
  );
};

const loadEvent = async (folder: string, topic: string): Promise<EventSchema> => {
  const versions = await readVersions(folder);
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error(`${folder} has no schema.`);
  const subject = `${topic}-${newest.namespace}.${newest.name}`;
  return { type: newest.name, topic, subject, versions, newest: avro.Type.forSchema(newest) };
};

/**
 * @param directory api-specs/events, checked by `npm run events:check`
 * @throws when a file is missing or not Avro
 */
export const loadEventSchemas = async (directory: string): Promise<EventSchemas> => {
  const policy = parse(await readFile(join(directory, 'policy.yaml'), 'utf8')) as Policy;
  const folders = Object.entries(policy.topics).flatMap(([topic, { events }]) =>
    events.map((name) => ({ topic, name })),
  );
  const events = await Promise.all(folders.map(({ topic, name }) => loadEvent(join(directory, name), topic)));
  return { policy, byType: new Map(events.map((event) => [event.type, event])) };
};
