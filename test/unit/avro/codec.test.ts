import avro, { type Type } from 'avsc';
import { beforeAll, describe, expect, it } from 'vitest';

import { makeMemorySchemaIds } from '../../../src/embedded/memory/schema-ids.ts';
import { MessagingError } from '../../../src/messaging/messaging-error.ts';
import { makeEventCodec, type EventCodec, type SchemaIds } from '../../../src/avro/codec.ts';
import { EVENTS_DIRECTORY, loadEventSchemas, type EventSchemas } from '../../../src/avro/schemas.ts';
import { payloadOf, SAMPLE_EVENTS } from '../../support/sample-events.ts';
import { messagingErrorOf } from '../../support/messaging-error-of.ts';

const registered = payloadOf(SAMPLE_EVENTS.UserRegistered);
const SECRET = 'ada@example.com';

let schemas: EventSchemas;
let codec: EventCodec;
beforeAll(async () => {
  schemas = await loadEventSchemas(EVENTS_DIRECTORY);
  codec = makeEventCodec({ schemas, registry: makeMemorySchemaIds(schemas) });
});

/** A codec whose registry has one schema, with the id 77. */
const makeCodecFor = (writer: Type): EventCodec => {
  const registry: SchemaIds = { idOf: () => Promise.resolve(1), schemaOf: () => Promise.resolve(writer) };
  return makeEventCodec({ schemas, registry });
};

const message = (body: Uint8Array, id = 77): Buffer => {
  const header = Buffer.from([0, 0, 0, 0, 0]);
  header.writeUInt32BE(id, 1);
  return Buffer.concat([header, body]);
};

describe('encode', () => {
  it('writes a zero byte, the schema id and the body', async () => {
    const value = await codec.encode('UserRegistered', registered);

    const text = (uuid: unknown): string => `48${Buffer.from(String(uuid)).toString('hex')}`; // 0x48: 36 as zigzag
    const occurredAt = 'cab1e79a8467';
    expect(value.toString('hex')).toBe(`0000000001${text(registered.eventId)}${occurredAt}${text(registered.userId)}`);
  });

  it.each([
    ['a field that is not in the schema', { ...registered, email: SECRET }],
    ['a field of another type', { ...registered, userId: 7, occurredAt: SECRET }],
    ['a missing field', { eventId: registered.eventId }],
    ['a fraction for a whole number', { ...registered, occurredAt: 1.5 }],
    ['no object', SECRET as never],
  ])('rejects %s, without a value in the error', async (_what, payload) => {
    const error = await messagingErrorOf(codec.encode('UserRegistered', payload));

    expect(error).toMatchObject({ code: 'EVENT_UNENCODABLE', isTransient: false });
    expect(error.cause).toBeUndefined(); // avsc quotes the value
    expect(`${error.message}${error.stack ?? ''}`).not.toContain(SECRET);
  });

  it('rejects an unknown event type', async () => {
    expect(await messagingErrorOf(codec.encode('UserRenamed', registered))).toMatchObject({
      code: 'EVENT_UNENCODABLE',
    });
  });

  it('fills a missing field that has a default: the row may have been written by an older release', async () => {
    const { changedFields, ...older } = payloadOf(SAMPLE_EVENTS.UserProfileChanged);

    const { payload } = await codec.decode(await codec.encode('UserProfileChanged', older));

    expect(changedFields).toEqual(['name', 'email']);
    expect(payload).toEqual({ ...older, changedFields: [] });
  });

  it('validates before it looks up the id, so that an outage hides no invalid event', async () => {
    const down = () => Promise.reject(new MessagingError('REGISTRY_UNAVAILABLE', 'The registry is down.'));
    const { encode } = makeEventCodec({ schemas, registry: { idOf: down, schemaOf: down } });

    expect(await messagingErrorOf(encode('UserRegistered', {}))).toMatchObject({ code: 'EVENT_UNENCODABLE' });
    expect(await messagingErrorOf(encode('UserRegistered', registered))).toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
    });
  });
});

describe('decode', () => {
  it.each(Object.values(SAMPLE_EVENTS))('returns what was encoded: $type', async (event) => {
    const [type, payload] = [event.type, payloadOf(event)];

    expect(await codec.decode(await codec.encode(type, payload))).toStrictEqual({ type, payload });
  });

  it('rejects a wrong magic byte, an unknown id, every truncated message and extra bytes', async () => {
    const value = await codec.encode('OrderPlaced', payloadOf(SAMPLE_EVENTS.OrderPlaced));
    const wrongMagic = Buffer.from(value);
    wrongMagic.writeUInt8(1, 0);
    const cut = [...value.keys()].map((length) => value.subarray(0, length));
    const longer = Buffer.concat([value, Buffer.alloc(1)]);

    for (const bad of [wrongMagic, message(value.subarray(5), 4_000_000_000), longer, ...cut])
      expect(await messagingErrorOf(codec.decode(bad))).toMatchObject({
        code: 'MESSAGE_UNREADABLE',
        isTransient: false,
      });
  });

  it('rejects a list that announces more items than fit into memory', async () => {
    const payload = { ...payloadOf(SAMPLE_EVENTS.UserProfileChanged), changedFields: [] };
    const value = await codec.encode('UserProfileChanged', payload);
    const twoThousandMillion = Buffer.from('8080808010', 'hex');
    const hostile = Buffer.concat([value.subarray(0, -1), twoThousandMillion, Buffer.alloc(1)]);

    expect(await messagingErrorOf(codec.decode(hostile))).toMatchObject({ code: 'MESSAGE_UNREADABLE' });
  });

  it('reads an older version with the defaults of ours', async () => {
    const [v1] = schemas.byType.get('UserProfileChanged')?.versions ?? [];
    const writer = avro.Type.forSchema(v1 as never);
    const { changedFields, ...older } = payloadOf(SAMPLE_EVENTS.UserProfileChanged);

    const event = await makeCodecFor(writer).decode(message(writer.toBuffer(older)));

    expect(changedFields).toHaveLength(2);
    expect(event).toStrictEqual({ type: 'UserProfileChanged', payload: { ...older, changedFields: [] } });
  });

  it('reads an enum symbol of a later version as UNKNOWN', async () => {
    const [v1] = schemas.byType.get('OrderRejected')?.versions ?? [];
    const later = JSON.parse(JSON.stringify(v1).replace('"PAYMENT_DECLINED"', '"PAYMENT_DECLINED","FRAUD"')) as never;
    const writer = avro.Type.forSchema(later);
    const payload = { ...payloadOf(SAMPLE_EVENTS.OrderRejected), reason: 'FRAUD' };

    const event = await makeCodecFor(writer).decode(message(writer.toBuffer(payload)));

    expect(event.payload.reason).toBe('UNKNOWN');
  });

  it('reads a foreign record with its own schema, under its full name', async () => {
    const fields = [{ name: 'total', type: 'int' }];
    const writer = avro.Type.forSchema({ type: 'record', name: 'OrderPlaced', namespace: 'shop', fields } as never);

    const event = await makeCodecFor(writer).decode(message(writer.toBuffer({ total: 3 })));

    expect(event).toStrictEqual({ type: 'shop.OrderPlaced', payload: { total: 3 } });
  });

  it('rejects a record of ours with an incompatible schema', async () => {
    const namespace = 'user_service.events';
    const writer = avro.Type.forSchema({ type: 'record', name: 'OrderPlaced', namespace, fields: [] } as never);

    expect(await messagingErrorOf(makeCodecFor(writer).decode(message(Buffer.alloc(0))))).toMatchObject({
      code: 'MESSAGE_UNREADABLE',
    });
  });

  it('passes on an outage of the registry as transient', async () => {
    const down = () => Promise.reject(new MessagingError('REGISTRY_UNAVAILABLE', 'The registry is down.'));
    const { decode } = makeEventCodec({ schemas, registry: { idOf: down, schemaOf: down } });

    expect(await messagingErrorOf(decode(message(Buffer.alloc(4))))).toMatchObject({ isTransient: true });
  });
});
