// The published events and their schemas with generated values and bytes, and `npm run events:check` with generated schema changes.

import { isDeepStrictEqual } from 'node:util';

import avro, { type Schema, type Type } from 'avsc';
import fc, { type Arbitrary } from 'fast-check';
import { describe, it } from 'vitest';

import { findDifferences, reads } from '../../scripts/events/compatibility.ts';
import { makeMemorySchemaIds } from '../../src/embedded/memory/schema-ids.ts';
import { MessagingError } from '../../src/messaging/messaging-error.ts';
import { makeEventCodec } from '../../src/avro/codec.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../../src/avro/schemas.ts';
import type { DomainEvent, EventType } from '../../src/messaging/event-topics.ts';
import { payloadOf, type EventOf } from '../support/sample-events.ts';

const schemas = await loadEventSchemas(EVENTS_DIRECTORY);
const { encode, decode } = makeEventCodec({ schemas, registry: makeMemorySchemaIds(schemas) });

const base = {
  eventId: fc.uuid({ version: 7 }),
  occurredAt: fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
  userId: fc.uuid(),
};
const order = { ...base, orderId: fc.uuid() };
const amount = { amountMinor: fc.integer({ min: 1, max: 10_000_000_000 }), currency: fc.stringMatching(/^[A-Z]{3}$/) };
const of = <T extends EventType>(type: T) => ({ type: fc.constant(type) });

const EVENTS = {
  UserRegistered: fc.record({ ...of('UserRegistered'), ...base }),
  UserProfileChanged: fc.record({
    ...of('UserProfileChanged'),
    ...base,
    version: fc.integer({ min: 1 }),
    changedFields: fc.array(fc.string()),
  }),
  UserErased: fc.record({ ...of('UserErased'), ...base }),
  OrderPlaced: fc.record({ ...of('OrderPlaced'), ...order, ...amount }),
  OrderConfirmed: fc.record({ ...of('OrderConfirmed'), ...order, ...amount }),
  OrderRejected: fc.record({ ...of('OrderRejected'), ...order, reason: fc.constant('PAYMENT_DECLINED' as const) }),
} satisfies { [T in EventType]: Arbitrary<EventOf<T>> };
const anyEvent: Arbitrary<DomainEvent> = fc.oneof(...Object.values(EVENTS));

/** True if it was decoded or rejected as unreadable; no other outcome is allowed. */
const isReadOrUnreadable = (value: Uint8Array): Promise<boolean> =>
  decode(Buffer.from(value)).then(
    () => true,
    (error: unknown) => error instanceof MessagingError && error.code === 'MESSAGE_UNREADABLE',
  );

describe('any event', () => {
  it('is decoded to what was encoded', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvent, async (event) => {
        const payload = payloadOf(event);
        return isDeepStrictEqual(await decode(await encode(event.type, payload)), { type: event.type, payload });
      }),
    );
  });

  it('is readable by every version, whichever version wrote it', () => {
    for (const { type, versions } of schemas.byType.values()) {
      const types = versions.map((version) => avro.Type.forSchema(version));
      const pairs = types.flatMap((reader) => types.map((writer): [Type, Type] => [reader, writer]));
      const event = anyEvent.filter((candidate) => candidate.type === type);
      fc.assert(
        fc.property(event, fc.constantFrom(...pairs), (written, [reader, writer]) => {
          const body = writer.toBuffer(payloadOf(written));
          return reader.isValid(reader.fromBuffer(body, reader.createResolver(writer)));
        }),
        { numRuns: 50 },
      );
    }
  });
});

describe('any bytes', () => {
  const id = fc.integer({ min: 0, max: schemas.byType.size + 1 });

  it('are an event or unreadable', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), isReadOrUnreadable));
  });

  it('after a valid header are an event or unreadable', async () => {
    await fc.assert(
      fc.asyncProperty(id, fc.uint8Array({ maxLength: 300 }), (schemaId, body) =>
        isReadOrUnreadable(Uint8Array.from([0, 0, 0, 0, schemaId, ...body])),
      ),
      { numRuns: 1000 },
    );
  });

  it('of an event with some bytes changed are an event or unreadable', async () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(anyEvent, changes, async (event, edits) => {
        const value = await encode(event.type, payloadOf(event));
        for (const [position, byte] of edits) value.writeUInt8(byte, position % value.length);
        return isReadOrUnreadable(value);
      }),
      { numRuns: 1000 },
    );
  });
});

const colours = fc.record(
  {
    type: fc.constant('enum'),
    name: fc.constantFrom('Colour', 'Color'),
    symbols: fc.subarray(['RED', 'BLUE', 'GREEN'], { minLength: 1 }),
    default: fc.constantFrom('RED', 'BLUE'),
  },
  { requiredKeys: ['type', 'name', 'symbols'] },
);
const leaf = fc.oneof(fc.constantFrom('int', 'long', 'string', 'bytes', 'double'), colours);
const node = fc.oneof(
  leaf,
  leaf.map((items) => ({ type: 'array', items })),
  leaf.map((values) => ({ type: 'map', values })),
  leaf.map((type) => ['null', type]),
);

/** Records with common fields, with and without defaults and aliases; some are not valid Avro. */
const anyRecord = (inner: Arbitrary<unknown>, name: Arbitrary<string>) => {
  const field = fc.record(
    {
      name: fc.constantFrom('a', 'b', 'c'),
      type: inner,
      default: fc.constantFrom<unknown>(1, 'x', null, 'RED', [], {}),
      aliases: fc.constantFrom(['a'], ['b']),
    },
    { requiredKeys: ['name', 'type'] },
  );
  const fields = fc.uniqueArray(field, { maxLength: 3, selector: (one) => one.name });
  return fc.record({ type: fc.constant('record'), name, fields });
};

const parsed = (schema: unknown): Type | undefined => {
  try {
    return avro.Type.forSchema(schema as Schema);
  } catch {
    return undefined;
  }
};
const anySchema = anyRecord(
  fc.oneof(node, anyRecord(leaf, fc.constantFrom('Inner', 'Kernel'))),
  fc.constantFrom('Event', 'Event', 'Event', 'Fact'),
).filter((schema) => parsed(schema) !== undefined);

describe('any change of a schema', () => {
  it('has an explanation exactly when avsc rejects it', () => {
    fc.assert(
      fc.property(anySchema, anySchema, (...pair) => {
        const [reader, writer] = pair.map(parsed);
        if (reader === undefined || writer === undefined) return false;
        return (findDifferences(reader, writer).length === 0) === reads(reader, writer);
      }),
      { numRuns: 2000 },
    );
  });
});
