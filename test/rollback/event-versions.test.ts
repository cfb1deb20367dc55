// Old readers with new writers of each event and vice versa, through the codec and a schema registry, because releases are deployed in any order.

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { parse, stringify } from 'yaml';

import { makeEventCodec } from '../../src/avro/codec.ts';
import { EVENTS_DIRECTORY, loadEventSchemas, type EventSchemas, type Policy } from '../../src/avro/schemas.ts';
import { registerSchemas } from '../../src/avro/register-schemas.ts';
import { makeSchemaRegistry } from '../../src/avro/schema-registry.ts';
import type { DomainEvent } from '../../src/messaging/event-topics.ts';
import type { EventPayload } from '../../src/messaging/codec.ts';
import { payloadOf, SAMPLE_EVENTS } from '../support/sample-events.ts';
import { reportCheck } from './process.ts';

const registry = () => ({ url: inject('registry').url, username: '', timeoutMs: 5000 });

/** Registers the schemas. @returns the codec of a release with these schemas */
const codecOf = async (schemas: EventSchemas) => {
  await registerSchemas({ ...registry(), schemas, report: () => undefined });
  return makeEventCodec({ schemas, registry: makeSchemaRegistry({ ...registry(), schemas }) });
};

/** Loads the schemas from a copy of the folder that `change` may edit. */
const schemasOf = async (
  source: string,
  change: (copy: string) => Promise<void> = () => Promise.resolve(),
): Promise<EventSchemas> => {
  const copy = await mkdtemp(join(tmpdir(), 'user-service-events-'));
  await cp(source, copy, { recursive: true });
  await change(copy);
  return loadEventSchemas(copy).finally(() => rm(copy, { recursive: true }));
};

const folderOf = (type: string): string => type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();

/** The current schemas without versions of the event above `version`. */
const upTo = (type: string, version: number): Promise<EventSchemas> =>
  schemasOf(EVENTS_DIRECTORY, async (copy) => {
    const folder = join(copy, folderOf(type));
    const later = (await readdir(folder)).filter((file) => Number(file.slice(1, -'.avsc'.length)) > version);
    await Promise.all(later.map((file) => rm(join(folder, file))));
  });

/** The schemas of a previous release with the current policy: the format of the policy may change, its topics and keys may not. */
const withCurrentPolicy = async (directory: string): Promise<EventSchemas> => {
  const theirs = new Set(await readdir(directory));
  const policy = parse(await readFile(join(EVENTS_DIRECTORY, 'policy.yaml'), 'utf8')) as Policy;
  const topics = Object.entries(policy.topics).map(([topic, { key, events }]) => [
    topic,
    { key, events: events.filter((event) => theirs.has(event)) },
  ]);
  const text = stringify({ ...policy, topics: Object.fromEntries(topics) as Policy['topics'] });
  return schemasOf(directory, (copy) => writeFile(join(copy, 'policy.yaml'), text));
};

const SAMPLES = new Map<string, DomainEvent>(Object.entries(SAMPLE_EVENTS));

const sampleOf = (type: string): EventPayload => {
  const sample = SAMPLES.get(type);
  if (sample === undefined) throw new Error(`${type} has no sample event in test/support/sample-events.ts.`);
  return payloadOf(sample);
};

/** The sample event reduced to the fields that a release with these schemas knows. */
const knownFieldsOf = (schemas: EventSchemas, type: string): EventPayload => {
  const newest = schemas.byType.get(type)?.versions.at(-1) as { fields: { name: string }[] } | undefined;
  const fields = new Set(newest?.fields.map(({ name }) => name));
  return Object.fromEntries(Object.entries(sampleOf(type)).filter(([name]) => fields.has(name)));
};

/** One release encodes and the other decodes: every field that both know keeps its value. */
const expectToDecode = async (type: string, writer: EventSchemas, reader: EventSchemas): Promise<void> => {
  const [writing, reading] = [await codecOf(writer), await codecOf(reader)];
  const written = knownFieldsOf(writer, type);
  const both = Object.entries(written).filter(([name]) => name in knownFieldsOf(reader, type));
  const read = await reading.decode(await writing.encode(type, written));
  expect(both.length).toBeGreaterThan(0);
  expect(read).toMatchObject({ type, payload: Object.fromEntries(both) });
};

describe('every pair of versions of an event', () => {
  it('is compatible in both directions', async () => {
    const { byType } = await loadEventSchemas(EVENTS_DIRECTORY);
    const compatible: string[] = [];
    for (const [type, { versions }] of byType) {
      const releases = await Promise.all(versions.map((_, place) => upTo(type, place + 1)));
      const pairs = releases.flatMap((writer, w) => releases.map((reader, r) => ({ writer, w, reader, r })));
      for (const { writer, w, reader, r } of pairs.filter((pair) => pair.w !== pair.r)) {
        await expectToDecode(type, writer, reader);
        compatible.push(`${type} v${w + 1} → v${r + 1}`);
      }
    }
    reportCheck('versions of events, through codec and registry', compatible.join(', '));
    expect(compatible.length).toBeGreaterThan(0);
  });

  it('is rejected if a version renames a field', async () => {
    const renamed = await schemasOf(EVENTS_DIRECTORY, async (copy) => {
      const v1 = await readFile(join(copy, 'user-erased/v1.avsc'), 'utf8');
      await writeFile(join(copy, 'user-erased/v2.avsc'), v1.replace('"userId"', '"accountId"'));
    });
    await expect(codecOf(renamed)).rejects.toMatchObject({ code: 'MESSAGE_REFUSED' });
    reportCheck('violation: an incompatible event version', 'found: the registry rejects it');
  });
});

describe.each(inject('previous'))('previous release: $name', ({ name, directory }) => {
  it('decodes events of this release and vice versa', async () => {
    const [ours, theirs] = [
      await loadEventSchemas(EVENTS_DIRECTORY),
      await withCurrentPolicy(join(directory, 'api-specs/events')),
    ];
    for (const type of theirs.byType.keys()) {
      await expectToDecode(type, ours, theirs);
      await expectToDecode(type, theirs, ours);
    }
    reportCheck(
      `${name} · its events and the current ones, through codec and registry`,
      `${theirs.byType.size} events, both directions`,
    );
  });
});
