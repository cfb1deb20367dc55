// Rules for every event of this service besides compatibility: name, identity, time, key, documentation, no personal data.

import type { Policy } from '../../src/avro/schemas.ts';
import type { Version } from './contract.ts';

type Place = { readonly policy: Policy; readonly event: string };

/** Sentences that follow the path of the version. */
export type HouseRule = (version: Version, place: Place) => string[];

type RawField = { readonly name: string; readonly type: unknown; readonly doc?: string };
type RawRecord = { readonly name: string; readonly doc?: string; readonly fields: readonly RawField[] };

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isRecord = (value: unknown): value is RawRecord => isObject(value) && value.type === 'record';

/** Every record of a schema, the inner ones too. */
const recordsOf = (schema: unknown): RawRecord[] => {
  if (Array.isArray(schema)) return schema.flatMap(recordsOf);
  if (isRecord(schema)) return [schema, ...schema.fields.flatMap(({ type }) => recordsOf(type))];
  return isObject(schema) ? [schema.type, schema.items, schema.values].flatMap(recordsOf) : [];
};

const isBlank = (text = ''): boolean => text.trim() === '';

const documentsAll: HouseRule = ({ schema }) =>
  recordsOf(schema).flatMap(({ name, doc, fields }) => [
    ...(isBlank(doc) ? [`has no doc for ${name}: describe what happened and what consumers need to know.`] : []),
    ...fields
      .filter((field) => isBlank(field.doc))
      .map((field) => `has no doc for "${field.name}": describe what it holds, with its unit.`),
  ]);

const PERSONAL = new Set(['email', 'mail', 'name', 'username', 'firstname', 'lastname', 'surname', 'nickname']);
for (const word of ['password', 'phone', 'mobile', 'address', 'birth', 'birthday', 'birthdate']) PERSONAL.add(word);

/** `emailAddresses` → `email`, `address` */
const wordsOf = (field: string): string[] =>
  field
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .split(/[\s_]+/)
    .map((word) => word.toLowerCase().replace(/(?<=ss)es$|(?<!s)s$/, ''));

const holdsNothingPersonal: HouseRule = ({ schema }) =>
  recordsOf(schema)
    .flatMap(({ fields }) => fields)
    .filter(({ name }) => wordsOf(name).some((word) => PERSONAL.has(word)))
    .map(
      ({ name }) =>
        `has "${name}", which looks like personal data: remove it, consumers read it through the API while it exists.`,
    );

/** `user-registered` → `UserRegistered` */
const recordNameOf = (event: string): string =>
  event.replaceAll(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase());

const isNamedLikeItsFolder: HouseRule = ({ type }, { policy, event }) => {
  const expected = `${policy.namespace}.${recordNameOf(event)}`;
  if (type.name === expected) return [];
  return [`is a record ${type.name ?? ''}: name it ${expected}, or create another folder if it is another event.`];
};

const SHAPES = {
  uuid: { type: 'string', logicalType: 'uuid' },
  timestamp: { type: 'long', logicalType: 'timestamp-millis' },
};

const topicOf = ({ policy, event }: Place) => Object.values(policy.topics).find(({ events }) => events.includes(event));

const hasEnvelope: HouseRule = ({ schema }, place) => {
  const { fields } = schema as RawRecord;
  const key = topicOf(place)?.key;
  const expected: [string, object, string][] = [
    ['eventId', SHAPES.uuid, 'consumers detect duplicates by it'],
    ['occurredAt', SHAPES.timestamp, 'consumers need the time of the event'],
    ...(key === undefined
      ? []
      : [[key, SHAPES.uuid, 'it is the message key of its topic'] satisfies [string, object, string]]),
  ];
  return expected
    .filter(([name, shape]) => {
      const field = fields.find((candidate) => candidate.name === name);
      return JSON.stringify(field?.type) !== JSON.stringify(shape);
    })
    .map(([name, shape, why]) => `lacks "${name}" with the type ${JSON.stringify(shape)}: ${why}.`);
};

export const HOUSE_RULES: readonly HouseRule[] = [
  isNamedLikeItsFolder,
  documentsAll,
  hasEnvelope,
  holdsNothingPersonal,
];
