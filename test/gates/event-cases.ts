// Cases of the event gate: edits of base/events and the faults that the gate reports. A test against a real registry can read the same table.

import {
  addField,
  addFile,
  changeField,
  changeInner,
  changePolicy,
  changeRecord,
  firstVersion,
  listEvents,
  nextVersion,
  removeField,
  removeFile,
  type ContractEdit,
} from './event-contract.ts';

const V1 = 'user-registered/v1.avsc';
const V2 = 'user-registered/v2.avsc';
const V3 = 'user-registered/v3.avsc';
const INSTEAD = 'add a field with a default instead.';
const BOTH_READ = `keep it, v1 and v2 must read each other; ${INSTEAD}`;
const ALIAS = 'readers of v1 look for it, with or without an alias;';
const PERSONAL = 'which looks like personal data: remove it, consumers read it through the API while it exists.';
const VERSIONS = 'versions start at v1 and have no gaps.';
const FIELD_DOC = 'describe what it holds, with its unit.';
const RECORD_DOC = 'describe what happened and what consumers need to know.';
const UUID = '{"type":"string","logicalType":"uuid"}';
const TIMESTAMP = '{"type":"long","logicalType":"timestamp-millis"}';

const channel = (...symbols: readonly string[]) => ({ type: 'enum', name: 'Channel', symbols });
const channelOr = (fallback: string, ...symbols: readonly string[]) => ({ ...channel(...symbols), default: fallback });

/** Name, edits, faults. */
export type EventCase = readonly [string, readonly ContractEdit[], readonly string[]];

/** Changes that every consumer survives. */
const allowed: readonly EventCase[] = [
  [
    'symbols and fields with defaults that come and go',
    [
      firstVersion(changeField('channel', { type: channelOr('OTHER', 'OTHER', 'WEB'), default: 'OTHER' })),
      nextVersion(
        changeField('channel', { type: channelOr('OTHER', 'OTHER', 'WEB', 'APP') }),
        addField('labels', { type: 'array', items: 'string' }, { default: [] }),
      ),
      nextVersion(
        changeField('channel', { type: channelOr('OTHER', 'OTHER', 'APP') }),
        removeField('labels'),
        addField('country', ['null', 'string'], { default: null }),
      ),
    ],
    [],
  ],
];

const fields: readonly EventCase[] = [
  [
    'adds a required field',
    [nextVersion(addField('country', 'string'))],
    [`${V2} adds "country" without a default: give it one, so that v2 can read what v1 wrote.`],
  ],
  [
    'removes a required field',
    [nextVersion(removeField('version'))],
    [`${V2} removes "version", which has no default in v1: keep it, readers of v1 need it.`],
  ],
  [
    'breaks an earlier version',
    [nextVersion(addField('country', 'string', { default: '' })), nextVersion(removeField('source'))],
    [`${V3} removes "source", which has no default in v1: keep it, readers of v1 need it.`],
  ],
  [
    'renames a field',
    [nextVersion(changeField('source', { name: 'origin' }))],
    [`${V2} renames "source" to "origin": keep "source", ${ALIAS} add "origin" with a default beside it.`],
  ],
  [
    'renames a field with an alias',
    [nextVersion(changeField('source', { name: 'origin', aliases: ['source'] }))],
    [`${V2} renames "source" to "origin": keep "source", ${ALIAS} add "origin" with a default beside it.`],
  ],
];

const types: readonly EventCase[] = [
  [
    'changes a type',
    [nextVersion(changeField('version', { type: 'string' }))],
    [`${V2} changes the type of "version" from int to string: ${BOTH_READ}`],
  ],
  [
    'widens a type',
    [nextVersion(changeField('version', { type: 'long' }))],
    [`${V2} changes the type of "version" from int to long: ${BOTH_READ}`],
  ],
  [
    'makes a field nullable',
    [nextVersion(changeField('version', { type: ['int', 'null'] }))],
    [`${V2} changes the type of "version" from int to ["int","null"]: ${BOTH_READ}`],
  ],
  [
    'changes a logical type',
    [nextVersion(changeField('seenAt', { type: { type: 'long', logicalType: 'timestamp-micros' } }))],
    [
      `${V2} changes the logical type of "seenAt" from timestamp-millis to timestamp-micros: keep it, readers interpret it as before; ${INSTEAD}`,
    ],
  ],
  [
    'turns text into bytes',
    [nextVersion(changeField('source', { type: 'bytes' }))],
    [`${V2} changes "source" from string to bytes: keep it, readers interpret it as before; ${INSTEAD}`],
  ],
  [
    'adds a symbol',
    [nextVersion(changeField('channel', { type: channel('WEB', 'APP', 'SHOP') }))],
    [
      `${V2} adds the symbol SHOP to "channel", whose enum has no default in v1: readers of v1 can't read it; ${INSTEAD}`,
    ],
  ],
  [
    'removes a symbol',
    [nextVersion(changeField('channel', { type: channel('WEB') }))],
    [`${V2} removes the symbol APP of "channel", whose enum has no default: keep it, v1 wrote it.`],
  ],
  [
    'renames a record',
    [nextVersion(changeRecord({ name: 'UserSignedUp' }))],
    [
      `${V2} is a record user_service.events.UserSignedUp: name it user_service.events.UserRegistered, or create another folder if it is another event.`,
      `${V2} renames the type of the event: keep its name, ${ALIAS} another event gets a folder of its own.`,
    ],
  ],
  [
    'renames an inner record',
    [nextVersion(changeInner('plan', changeRecord({ name: 'Tariff' })))],
    [`${V2} renames the type of "plan": keep its name, ${ALIAS} another event gets a folder of its own.`],
  ],
];

const content: readonly EventCase[] = [
  [
    'has another name',
    [firstVersion(changeRecord({ name: 'Registered' }))],
    [
      `${V1} is a record user_service.events.Registered: name it user_service.events.UserRegistered, or create another folder if it is another event.`,
    ],
  ],
  [
    'holds personal data',
    [
      firstVersion(
        ...['email', 'name', 'username', 'passwordHash'].map((name) => addField(name, 'string')),
        addField('phoneNumbers', { type: 'array', items: 'string' }),
        changeInner('plan', addField('streetAddress', 'string')),
      ),
    ],
    ['email', 'name', 'username', 'passwordHash', 'phoneNumbers', 'streetAddress'].map(
      (field) => `${V1} has "${field}", ${PERSONAL}`,
    ),
  ],
  [
    'lacks a doc',
    [
      firstVersion(
        changeRecord({ doc: undefined }),
        changeField('version', { doc: undefined }),
        changeInner('plan', changeRecord({ doc: undefined }), changeField('level', { doc: ' ' })),
      ),
    ],
    [
      `${V1} has no doc for UserRegistered: ${RECORD_DOC}`,
      `${V1} has no doc for "version": ${FIELD_DOC}`,
      `${V1} has no doc for Plan: ${RECORD_DOC}`,
      `${V1} has no doc for "level": ${FIELD_DOC}`,
    ],
  ],
  [
    'lacks its identity',
    [firstVersion(changeField('eventId', { type: 'string' }), removeField('occurredAt'))],
    [
      `${V1} lacks "eventId" with the type ${UUID}: consumers detect duplicates by it.`,
      `${V1} lacks "occurredAt" with the type ${TIMESTAMP}: consumers need the time of the event.`,
    ],
  ],
  [
    'lacks its key',
    [firstVersion(removeField('userId'))],
    [`${V1} lacks "userId" with the type ${UUID}: it is the message key of its topic.`],
  ],
  [
    'is not Avro',
    [firstVersion(changeField('version', { type: 'number' }))],
    [`${V1} is not a valid Avro schema: undefined type name: user_service.events.number.`],
  ],
  [
    'is not a record',
    [firstVersion(changeRecord({ type: 'enum', symbols: ['YES'], fields: undefined }))],
    [`${V1} is not a record: an event has named fields.`],
  ],
];

const folders: readonly EventCase[] = [
  ['lacks v1', [addFile(V2), removeFile(V1)], [`user-registered lacks v1.avsc: ${VERSIONS}`]],
  ['leaves a version out', [addFile(V3)], [`user-registered lacks v2.avsc: ${VERSIONS}`]],
  [
    'has a stray file',
    [addFile('user-registered/V2.avsc')],
    ['user-registered/V2.avsc is not a version file: name it v1.avsc, v2.avsc, and so on.'],
  ],
  [
    'has no folder',
    [listEvents('user-registered', 'user-erased')],
    ['policy.yaml lists user-erased, which has no folder: add user-erased/v1.avsc, or remove it from the list.'],
  ],
  [
    'is not listed',
    [addFile('user-erased/v1.avsc', changeRecord({ name: 'UserErased' }))],
    ['policy.yaml does not list user-erased: add it to its topic.'],
  ],
  [
    'is listed twice',
    [listEvents('user-registered', 'user-registered')],
    ['policy.yaml lists user-registered twice: an event has one topic.'],
  ],
  [
    'asks for less compatibility',
    [changePolicy({ compatibility: 'BACKWARD' })],
    ['policy.yaml sets the compatibility BACKWARD: set FULL_TRANSITIVE, the only supported mode.'],
  ],
];

export const EVENT_CASES: readonly EventCase[] = [...allowed, ...fields, ...types, ...content, ...folders];
