// The gate of `npm run events:check` lets api-specs/events pass, and refuses each planted offence in fixtures/events/ with a sentence that says
// what to do.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { checkEvents } from '../../scripts/events/check-events.ts';
import { reads } from '../../scripts/events/compatibility.ts';
import { readContract, type Version } from '../../scripts/events/contract.ts';
import { findIncompatibleChanges } from '../../scripts/events/incompatible-changes.ts';

const root = join(import.meta.dirname, '../..');
const fixtures = join(import.meta.dirname, 'fixtures/events');

const V1 = 'user-registered/v1.avsc';
const V2 = 'user-registered/v2.avsc';
const INSTEAD = 'add a field with a default instead.';
const BOTH_READ = `keep it, v1 and v2 must read each other; ${INSTEAD}`;
const ALIAS = 'readers of v1 look for it, with or without an alias;';
const PERSONAL =
  'which looks like personal data: leave it out, consumers read it through the API as long as it exists.';
const VERSIONS = 'versions begin with v1 and leave none out.';
const TEXT_DOC = 'say what it holds, with its unit.';
const RECORD_DOC = 'say what happened and what a consumer has to know.';
const UUID = '{"type":"string","logicalType":"uuid"}';
const MOMENT = '{"type":"long","logicalType":"timestamp-millis"}';

const OFFENCES: readonly [string, readonly string[]][] = [
  [
    'adds-a-required-field',
    [`${V2} adds "country" without a default: give it one, so that v2 can read what v1 wrote.`],
  ],
  [
    'adds-a-symbol',
    [
      `${V2} adds the symbol SHOP to "channel", whose enum has no default in v1: readers of v1 can't read it; ${INSTEAD}`,
    ],
  ],
  ['asks-for-less', ['policy.yaml asks for BACKWARD: make it FULL_TRANSITIVE, nothing less is checked here.']],
  [
    'breaks-an-earlier-version',
    ['user-registered/v3.avsc removes "source", which has no default in v1: keep it, readers of v1 need it.'],
  ],
  [
    'changes-a-logical-type',
    [
      `${V2} changes the logical type of "seenAt" from timestamp-millis to timestamp-micros: keep it, readers take it for what it was; ${INSTEAD}`,
    ],
  ],
  ['changes-a-type', [`${V2} changes the type of "version" from int to string: ${BOTH_READ}`]],
  ['clean', []],
  ['has-a-stray-file', ['user-registered/V2.avsc is no version: name it v1.avsc, v2.avsc, and so on.']],
  [
    'has-another-name',
    [
      `${V1} is a record user_service.events.Registered: call it user_service.events.UserRegistered, or give it a folder of its own, it is another event.`,
    ],
  ],
  [
    'has-no-folder',
    ['policy.yaml lists user-erased, which has no folder: write user-erased/v1.avsc, or take it off the list.'],
  ],
  [
    'holds-personal-data',
    ['email', 'name', 'username', 'passwordHash', 'phoneNumbers', 'streetAddress'].map(
      (field) => `${V1} has "${field}", ${PERSONAL}`,
    ),
  ],
  ['is-listed-twice', ['policy.yaml lists user-registered twice: an event has one topic.']],
  ['is-no-avro', [`${V1} is no valid Avro schema: undefined type name: user_service.events.number.`]],
  ['is-no-record', [`${V1} is no record: an event has named fields.`]],
  ['is-not-listed', ['policy.yaml does not list user-erased: put it under its topic.']],
  [
    'lacks-a-doc',
    [
      `${V1} lacks a doc of UserRegistered: ${RECORD_DOC}`,
      `${V1} lacks a doc of "version": ${TEXT_DOC}`,
      `${V1} lacks a doc of Plan: ${RECORD_DOC}`,
      `${V1} lacks a doc of "level": ${TEXT_DOC}`,
    ],
  ],
  [
    'lacks-its-identity',
    [
      `${V1} lacks "eventId" with the type ${UUID}: consumers tell by it that they had the event before.`,
      `${V1} lacks "occurredAt" with the type ${MOMENT}: consumers need the moment of the fact.`,
    ],
  ],
  ['lacks-its-key', [`${V1} lacks "userId" with the type ${UUID}: it is the key of its topic.`]],
  ['lacks-v1', [`user-registered lacks v1.avsc: ${VERSIONS}`]],
  ['leaves-a-version-out', [`user-registered lacks v2.avsc: ${VERSIONS}`]],
  ['makes-a-field-nullable', [`${V2} changes the type of "version" from int to ["int","null"]: ${BOTH_READ}`]],
  [
    'removes-a-required-field',
    [`${V2} removes "version", which has no default in v1: keep it, readers of v1 need it.`],
  ],
  ['removes-a-symbol', [`${V2} removes the symbol APP of "channel", whose enum has no default: keep it, v1 wrote it.`]],
  [
    'renames-a-field',
    [`${V2} renames "source" to "origin": keep "source", ${ALIAS} add "origin" with a default beside it.`],
  ],
  [
    'renames-a-field-with-an-alias',
    [`${V2} renames "source" to "origin": keep "source", ${ALIAS} add "origin" with a default beside it.`],
  ],
  [
    'renames-a-record',
    [
      `${V2} is a record user_service.events.UserSignedUp: call it user_service.events.UserRegistered, or give it a folder of its own, it is another event.`,
      `${V2} renames the type of the event: keep its name, ${ALIAS} another event gets a folder of its own.`,
    ],
  ],
  [
    'renames-an-inner-record',
    [`${V2} renames the type of "plan": keep its name, ${ALIAS} another event gets a folder of its own.`],
  ],
  [
    'turns-text-into-bytes',
    [`${V2} changes "source" from string to bytes: keep it, readers take it for what it was; ${INSTEAD}`],
  ],
  ['widens-a-type', [`${V2} changes the type of "version" from int to long: ${BOTH_READ}`]],
];

const sentencesOf = (directory: string): string[] => {
  const { events, faults } = checkEvents(directory);
  return [...faults, ...events.flatMap((event) => event.faults)];
};

const versionsOf = (fixture: string): readonly Version[] =>
  readContract(join(fixtures, fixture)).events.flatMap(({ versions }) => versions);

const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/events-check.ts', ...args], { cwd: root });
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
};

describe('the gate of events', () => {
  it('lets the published events pass', () => {
    expect(sentencesOf(join(root, 'api-specs/events'))).toEqual([]);
  });

  it.each(OFFENCES)('finds what is planted: %s', (fixture, sentences) => {
    expect(sentencesOf(join(fixtures, fixture))).toEqual(sentences);
  });

  it('has a test for every fixture', () => {
    expect(readdirSync(fixtures)).toEqual(OFFENCES.map(([fixture]) => fixture));
  });

  it.each(OFFENCES)('explains exactly what avsc refuses: %s', (fixture) => {
    const versions = versionsOf(fixture);
    for (const [index, newer] of versions.entries())
      for (const older of versions.slice(0, index)) {
        const readable = reads(newer.type, older.type) && reads(older.type, newer.type);
        expect(findIncompatibleChanges(older, newer).length === 0).toBe(readable);
      }
  });
});

describe('npm run events:check', () => {
  it('prints a line per event and a summary', () => {
    const { status, stdout } = run();

    expect(status).toBe(0);
    expect(stdout).toContain('✓ user-profile-changed v1 v2\n');
    expect(stdout).toMatch(/\n6 events, 7 versions, 1 pair compared: 0 faults\n$/);
  });

  it('exits 1 and names what is refused', () => {
    const { status, stdout } = run(join(fixtures, 'adds-a-required-field'));

    expect(status).toBe(1);
    expect(stdout).toBe(
      `✗ user-registered v1 v2\n  ${OFFENCES[0]?.[1][0] ?? ''}\n1 event, 2 versions, 1 pair compared: 1 fault\n`,
    );
  });

  it.each([
    [['nowhere'], 'There is no folder nowhere.'],
    [['docs'], 'docs has no policy.yaml: it is no folder of events.'],
    [['docs', 'src'], '"src" is too much: one folder at a time.'],
    [['--all'], `Unknown option '--all'`],
  ])('exits 64 for %j, with the usage', (args, sentence) => {
    const { status, stderr } = run(...args);

    expect(status).toBe(64);
    expect(stderr).toContain(sentence);
    expect(stderr).toContain('npm run events:check [-- folder]');
  });

  it('explains itself', () => {
    expect(run('--help')).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('Exit codes') as string,
    });
  });
});
