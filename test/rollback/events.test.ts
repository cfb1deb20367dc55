// Old readers and new writers of events, and the other way round: through the codec, the registry, and the processes of both releases.

import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import { makeEventCodec } from '../../src/kafka/event-codec.ts';
import { EVENTS_DIRECTORY, loadEventSchemas, type EventSchemas } from '../../src/kafka/event-schemas.ts';
import { registerSchemas } from '../../src/kafka/register-schemas.ts';
import { makeSchemaRegistry } from '../../src/kafka/schema-registry.ts';
import type { EventPayload } from '../../src/outbox/ports.ts';
import { readEvents } from '../resilience/support/read-events.ts';
import { makeSurroundings, type Surroundings } from '../resilience/support/surroundings.ts';
import { eventually } from '../support/eventually.ts';
import { payloadOf, SAMPLE_EVENTS } from '../support/sample-events.ts';
import { travel } from './journey.ts';
import { migrateUp, saw, startProcess, type Process, type Role } from './process.ts';

const HERE = join(import.meta.dirname, '../..');
const registry = () => ({ url: inject('registry').url, username: '', timeoutMs: 5000 });

/** As a release with these schemas encodes and decodes, once it has registered them. */
const codecOf = async (schemas: EventSchemas) => {
  await registerSchemas({ ...registry(), schemas, report: () => undefined });
  return makeEventCodec({ schemas, registry: makeSchemaRegistry({ ...registry(), schemas }) });
};

/** The event's folder as it was when `version` was its newest. */
const schemasUpTo = async (event: string, version: number): Promise<EventSchemas> => {
  const directory = await mkdtemp(join(tmpdir(), 'user-service-events-'));
  await cp(EVENTS_DIRECTORY, directory, { recursive: true });
  for (let later = version + 1; later < 100; later += 1)
    await rm(join(directory, event, `v${later}.avsc`), { force: true });
  const schemas = await loadEventSchemas(directory);
  await rm(directory, { recursive: true });
  return schemas;
};

/** Of a sample, what a release with these schemas knows. */
const cutTo = (schemas: EventSchemas, type: string): EventPayload => {
  const fields = new Set(
    (schemas.byType.get(type)?.versions.at(-1) as { fields?: { name: string }[] }).fields?.map(({ name }) => name),
  );
  const sample = payloadOf(SAMPLE_EVENTS[type as keyof typeof SAMPLE_EVENTS]);
  return Object.fromEntries(Object.entries(sample).filter(([name]) => fields.has(name)));
};

/** Encodes with one release and decodes with the other: the fields that both have are the same. */
const passes = async (type: string, writer: EventSchemas, reader: EventSchemas): Promise<void> => {
  const [writing, reading] = [await codecOf(writer), await codecOf(reader)];
  const written = cutTo(writer, type);
  const read = await reading.decode(await writing.encode(type, written));
  expect(read.type).toBe(type);
  const both = Object.keys(cutTo(reader, type)).filter((name) => name in written);
  expect(both.length).toBeGreaterThan(0);
  for (const name of both) expect(read.payload[name], `${type}.${name}`).toEqual(written[name]);
};

const folderOf = (type: string): string => type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();

describe('each two versions of an event', () => {
  it('read one another, in either order of deployment', async () => {
    const ours = await loadEventSchemas(EVENTS_DIRECTORY);
    const seen: string[] = [];
    for (const { type, versions } of ours.byType.values()) {
      const releases = await Promise.all(versions.map((_, place) => schemasUpTo(folderOf(type), place + 1)));
      for (const [w, writer] of releases.entries()) {
        for (const [r, reader] of releases.entries()) {
          if (w === r) continue;
          await passes(type, writer, reader);
          seen.push(`${type} v${w + 1} → v${r + 1}`);
        }
      }
    }
    saw('versions of events, through codec and registry', seen.join(', '));
    expect(seen.length).toBeGreaterThan(0);
  });

  it('do not, when a planted version renames a field', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'user-service-events-'));
    await cp(EVENTS_DIRECTORY, directory, { recursive: true });
    const v1 = (await loadEventSchemas(EVENTS_DIRECTORY)).byType.get('UserErased')?.versions[0];
    const renamed = JSON.stringify(v1).replace('"userId"', '"accountId"');
    await writeFile(join(directory, 'user-erased/v2.avsc'), renamed);
    const schemas = await loadEventSchemas(directory);
    await rm(directory, { recursive: true });
    const refused = await codecOf(schemas).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'MESSAGE_REFUSED' });
    saw('a planted breaking event', 'found: the registry refuses it');
  });
});

describe.each(inject('previous'))('previous release: $name', (previous) => {
  const { name, directory: root, hasEvents, hasOrders } = previous;
  let surroundings: Surroundings;
  const processes: Process[] = [];
  beforeAll(async () => {
    surroundings = await makeSurroundings({ migrated: false });
    await migrateUp(surroundings.database, root);
    await migrateUp(surroundings.database);
  });
  afterEach(async () => {
    for (const started of processes.splice(0)) expect(await started.end()).toBe(0);
  });
  afterAll(() => surroundings.close());

  it('reads and is read, event by event', async () => {
    const ours = await loadEventSchemas(EVENTS_DIRECTORY);
    const theirs = await loadEventSchemas(join(root, 'api-specs/events'));
    for (const type of theirs.byType.keys()) {
      await passes(type, ours, theirs);
      await passes(type, theirs, ours);
    }
    saw(`${name} · its events and ours`, `${theirs.byType.size} events, both ways`);
  });

  const start = async (role: Role, from: string): Promise<Process> => {
    const env = { ...surroundings.env, CONSUMERS_GROUP: `worker-${randomUUID()}` };
    const started = await startProcess({ role, env: role === 'api' ? apiEnv() : env, root: from });
    processes.push(started);
    await started.becomes(200);
    return started;
  };
  /** An earlier api may not know the settings of Kafka. */
  const apiEnv = () =>
    Object.fromEntries(
      Object.entries(surroundings.env).filter(([key]) => !/^(?:KAFKA|SCHEMA_REGISTRY|CONSUMERS|PAYMENTS)_/.test(key)),
    );

  /** A user's facts come through, and an order is decided when the api takes orders. */
  const factsArrive = async (apiFrom: string, restFrom: string, orders: boolean): Promise<string> => {
    const [api] = await Promise.all([start('api', apiFrom), start('relay', restFrom), start('worker', restFrom)]);
    const { userId } = await travel(api.url, { orders, decided: orders });
    const types = await eventually(
      async () => {
        const events = await readEvents(surroundings, 'user-service.users.v1');
        const mine = events.filter(({ key }) => key === userId).map(({ type }) => type);
        expect(mine).toContain('UserErased');
        return mine;
      },
      { deadlineMs: 30_000, everyMs: 200 },
    );
    expect(types).toEqual(['UserRegistered', 'UserProfileChanged', 'UserErased']);
    return `${types.join(', ')} in order${orders ? ', the order confirmed' : ''}`;
  };

  it('has its facts relayed and decided by ours', async () => {
    saw(`${name} · its api, our relay and worker`, await factsArrive(root, HERE, hasOrders));
  });

  it.runIf(hasEvents)('relays and decides our facts', async () => {
    saw(`${name} · our api, its relay and worker`, await factsArrive(HERE, root, true));
  });
});
