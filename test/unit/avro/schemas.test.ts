import avro, { type Type, type types } from 'avsc';
import { beforeAll, describe, expect, it } from 'vitest';

import { EVENTS_DIRECTORY, loadEventSchemas, type EventSchemas } from '../../../src/avro/schemas.ts';
import { EVENT_TOPICS } from '../../../src/messaging/event-topics.ts';
import { payloadOf, SAMPLE_EVENTS, type EventOf } from '../../support/sample-events.ts';

const fieldsOf = (schema: Type): string[] => (schema as unknown as types.RecordType).fields.map(({ name }) => name);

/** Fields that only one of the two has, and fields whose value does not match the schema. */
const findMismatches = (schema: Type, payload: Readonly<Record<string, unknown>>): string[] => {
  const published = fieldsOf(schema);
  const mismatched: string[] = [];
  schema.isValid(payload, { errorHook: ([name = '']) => mismatched.push(`${name} has another type`) });
  return [
    ...Object.keys(payload)
      .filter((name) => !published.includes(name))
      .map((name) => `${name} is not published`),
    ...published.filter((name) => !(name in payload)).map((name) => `${name} is not in the event`),
    ...mismatched.filter((sentence) => Object.keys(payload).some((name) => sentence.startsWith(`${name} `))),
  ];
};

let schemas: EventSchemas;
const newestOf = (type: string): Type => {
  const event = schemas.byType.get(type);
  if (event === undefined) throw new Error(`There is no schema of ${type}.`);
  return event.newest;
};

beforeAll(async () => {
  schemas = await loadEventSchemas(EVENTS_DIRECTORY);
});

describe('the published schemas', () => {
  it('have one schema for each event type', () => {
    expect(new Set(schemas.byType.keys())).toEqual(new Set(Object.keys(SAMPLE_EVENTS)));
  });

  it.each(Object.values(SAMPLE_EVENTS))('have exactly the fields of $type, and accept its outbox payload', (event) => {
    expect(findMismatches(newestOf(event.type), payloadOf(event))).toEqual([]);
  });

  it('are reported when they differ from the event', () => {
    const { userId, ...others } = payloadOf(SAMPLE_EVENTS.OrderRejected);
    const different = { ...others, buyer: userId, reason: 'BANKRUPT', eventId: 1 };

    expect(findMismatches(newestOf('OrderRejected'), different)).toEqual([
      'buyer is not published',
      'userId is not in the event',
      'eventId has another type',
      'reason has another type',
    ]);
    // @ts-expect-error -- the other half of the check: a type with one field more than its sample does not compile
    ({ ...SAMPLE_EVENTS.UserErased }) satisfies EventOf<'UserErased'> & { readonly more: string };
  });

  it('have the topics of EVENT_TOPICS', () => {
    const published = [...schemas.byType.values()].map(({ type, topic }) => [type, topic]);

    expect(Object.fromEntries(published)).toEqual(EVENT_TOPICS);
  });

  it('have a subject of topic and record', () => {
    expect(schemas.byType.get('UserRegistered')?.subject).toBe(
      'user-service.users.v1-user_service.events.UserRegistered',
    );
  });

  it('are in the order of their versions, the last one is the newest', () => {
    const event = schemas.byType.get('UserProfileChanged');

    const [first, second] = (event?.versions ?? []).map((version) => fieldsOf(avro.Type.forSchema(version)));

    expect(first).not.toContain('changedFields');
    expect(second).toContain('changedFields');
    expect(fieldsOf(newestOf('UserProfileChanged'))).toEqual(second);
  });

  it('reject a missing folder', async () => {
    await expect(loadEventSchemas('nowhere')).rejects.toThrow('ENOENT');
  });
});
