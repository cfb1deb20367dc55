import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, inject, it } from 'vitest';

import { makeEventCodec } from '../../../src/avro/codec.ts';
import { EVENTS_DIRECTORY, loadEventSchemas, type EventSchema, type EventSchemas } from '../../../src/avro/schemas.ts';
import { registerSchemas } from '../../../src/avro/register-schemas.ts';
import { makeSchemaRegistry } from '../../../src/avro/schema-registry.ts';
import { payloadOf, SAMPLE_EVENTS } from '../../support/sample-events.ts';
import { messagingErrorOf } from '../../support/messaging-error-of.ts';

let published: EventSchemas;
beforeAll(async () => {
  published = await loadEventSchemas(EVENTS_DIRECTORY);
});

const settings = () => ({ url: inject('registry').url, username: '', timeoutMs: 5000 });

/** The published events under unique subjects, changed by `change`. */
const ownSchemas = (change: (event: EventSchema) => EventSchema = (event) => event): EventSchemas => {
  const prefix = randomUUID();
  const events = [...published.byType].map(([type, event]): [string, EventSchema] => [
    type,
    change({ ...event, subject: `${prefix}-${event.subject}` }),
  ]);
  return { ...published, byType: new Map(events) };
};

const register = async (schemas: EventSchemas): Promise<string[]> => {
  const lines: string[] = [];
  await registerSchemas({ ...settings(), schemas, report: (line) => lines.push(line) });
  return lines;
};

describe('registering', () => {
  it('registers every version in order, and finds it the next time', async () => {
    const schemas = ownSchemas();

    const first = await register(schemas);
    const second = await register(schemas);

    const subject = schemas.byType.get('UserProfileChanged')?.subject ?? '';
    expect(first).toHaveLength(7);
    expect(first.filter((line) => line.includes(subject))).toEqual([
      expect.stringMatching(/^registered \S+ v1 \(id \d+\)$/),
      expect.stringMatching(/^registered \S+ v2 \(id \d+\)$/),
    ]);
    expect(second).toEqual(first.map((line) => line.replace('registered', 'already registered:')));
  });

  it('sets the compatibility of each subject', async () => {
    const schemas = ownSchemas();
    await register(schemas);

    for (const { subject } of schemas.byType.values()) {
      const response = await fetch(`${settings().url}/config/${encodeURIComponent(subject)}`);
      expect(await response.json()).toMatchObject({ compatibilityLevel: 'FULL_TRANSITIVE' });
    }
  });

  it('rejects an incompatible version, with a detail that names the subject', async () => {
    const schemas = ownSchemas((event) => {
      const [v1] = event.versions;
      const { fields } = v1 as unknown as { fields: object[] };
      const v2 = { ...(v1 as object), fields: [...fields, { name: 'more', type: 'int' }] } as never;
      return event.type === 'UserErased' ? { ...event, versions: [v1 as never, v2] } : event;
    });

    const { code, faults, message } = await messagingErrorOf(register(schemas));

    expect([code, message]).toEqual(['MESSAGE_REFUSED', 'The schema registry rejected a schema.']);
    expect(faults[0]?.detail).toContain(`${schemas.byType.get('UserErased')?.subject ?? ''} v2: `);
  });

  it('rejects with REGISTRY_UNAVAILABLE without a registry', async () => {
    const work = registerSchemas({
      ...settings(),
      url: 'http://127.0.0.1:1',
      schemas: published,
      report: () => undefined,
    });

    expect(await messagingErrorOf(work)).toMatchObject({ code: 'REGISTRY_UNAVAILABLE', isTransient: true });
  });
});

describe('a registry with our schemas', () => {
  it('serves writer and reader', async () => {
    const schemas = ownSchemas();
    await register(schemas);
    const [writer, reader] = [0, 1].map(() =>
      makeEventCodec({ schemas, registry: makeSchemaRegistry({ ...settings(), schemas }) }),
    );

    for (const event of Object.values(SAMPLE_EVENTS)) {
      const value = await writer?.encode(event.type, payloadOf(event));
      expect(await reader?.decode(value ?? Buffer.alloc(0))).toEqual({ type: event.type, payload: payloadOf(event) });
    }
  });

  it('reports an unknown id as an unreadable message', async () => {
    const schemas = ownSchemas();
    await register(schemas);

    const error = await messagingErrorOf(makeSchemaRegistry({ ...settings(), schemas }).schemaOf(2_000_000_000));

    expect(error.code).toBe('MESSAGE_UNREADABLE');
  });
});

describe('a registry without our schemas', () => {
  it('makes no process ready, and no message unreadable', async () => {
    const registry = makeSchemaRegistry({ ...settings(), schemas: ownSchemas() });

    expect((await messagingErrorOf(registry.check())).code).toBe('REGISTRY_UNAVAILABLE');
    expect((await messagingErrorOf(registry.schemaOf(2_000_000_000))).code).toBe('REGISTRY_UNAVAILABLE');
  });
});
