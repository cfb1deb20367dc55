// The gate of the published API (`npm run openapi:check`) finds each kind of breaking change, an edit of base/released-api.yaml, and passes the rest.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { API_DOCUMENT, RELEASED_API_DOCUMENT } from '../../scripts/api-document.ts';
import type { ApiDocument } from '../../scripts/api-changes/document.ts';
import { findBreakingChanges } from '../../scripts/api-changes/find-breaking-changes.ts';
import { add, editDocument, remove, rename, set, type DocumentEdit } from './document-edits.ts';

const BASE = 'released-api.yaml';
const edited = (...edits: readonly DocumentEdit[]): ApiDocument => editDocument(BASE, ...edits).toJS() as ApiDocument;

const MAKE = ['paths', '/api/v1/cups', 'post'];
const BODY = [...MAKE, 'requestBody', 'content', 'application/json', 'schema'];
const READ = ['paths', '/api/v1/cups/{id}', 'get'];
const CUP = ['components', 'schemas', 'Cup'];

const making = (sentence: string): string => `POST /api/v1/cups: ${sentence}`;
const reading = (sentence: string): string => `GET /api/v1/cups/{id}: ${sentence}`;
/** Both operations respond with a cup. */
const ofCup = (sentence: string): string[] => [making(`201 body${sentence}`), reading(`200 body${sentence}`)];

/** Name, edits of the released document, findings. */
type Case = readonly [string, readonly DocumentEdit[], readonly string[]];

const operations: readonly Case[] = [
  ['operation removed', [remove(['paths', '/api/v1/cups/{id}'])], [reading('is removed')]],
  [
    'operation renamed',
    [set([...READ, 'operationId'], 'getCup')],
    [reading('changes its operationId from readCup to getCup: clients derive method names from it')],
  ],
  [
    'security raised',
    [set([...MAKE, 'security'], [{ accessToken: [] }]), set([...READ, 'security', 0, 'accessToken'], ['cups:read'])],
    [
      making('requires other credentials or scopes now (security)'),
      reading('requires other credentials or scopes now (security)'),
    ],
  ],
  [
    'version of the path lowered',
    [rename(['paths', '/api/v1/cups'], '/api/v0/cups'), rename(['paths', '/api/v1/cups/{id}'], '/api/v0/cups/{id}')],
    [making('is removed'), reading('is removed')],
  ],
];

const inputs: readonly Case[] = [
  [
    'input required',
    [
      set([...MAKE, 'parameters', 0, 'required'], true),
      add([...BODY, 'required'], 'colour'),
      add([...READ, 'parameters'], { name: 'unit', in: 'query', required: true, schema: { type: 'string' } }),
    ],
    [
      making('header parameter Idempotency-Key is required now'),
      making('body.colour is required now'),
      reading('query parameter unit is required now'),
    ],
  ],
  [
    'body required',
    [set([...READ, 'requestBody'], { required: true, content: { 'application/json': { schema: {} } } })],
    [reading('body is required now')],
  ],
  ['parameter removed', [remove([...MAKE, 'parameters', 0])], [making('header parameter Idempotency-Key is removed')]],
  [
    'type narrowed',
    [
      set([...BODY, 'properties', 'size', 'type'], 'integer'),
      set([...READ, 'parameters', 0, 'schema', 'type'], 'integer'),
    ],
    [
      making('body.size changes its type from "number" to "integer"'),
      reading('path parameter id changes its type from "string" to "integer"'),
    ],
  ],
  [
    'bound narrowed',
    [set([...BODY, 'properties', 'size', 'maximum'], 500), set([...BODY, 'properties', 'owner', 'minLength'], 3)],
    [making('body.size has a narrower maximum'), making('body.owner has a narrower minLength')],
  ],
  [
    'enum added',
    [set([...BODY, 'properties', 'owner', 'enum'], ['ann', 'bob'])],
    [making('body.owner accepts only "ann", "bob" now')],
  ],
];

const outputs: readonly Case[] = [
  ['status removed', [remove([...MAKE, 'responses', '409'])], [making('status 409 is removed')]],
  [
    'header removed',
    [remove([...MAKE, 'responses', '201', 'headers', 'ETag'])],
    [making('201 header ETag is removed')],
  ],
  [
    'content type changed',
    [rename([...READ, 'responses', '200', 'content', 'application/json'], 'application/hal+json')],
    [reading('200 body is no longer application/json')],
  ],
  [
    'response less certain',
    [set([...MAKE, 'responses', '201', 'headers', 'ETag', 'required'], false), remove([...CUP, 'required', 1])],
    [making('201 header ETag may be absent now'), ...ofCup('.size may be absent now')],
  ],
  [
    'type changed',
    [
      set([...CUP, 'properties', 'size'], { type: 'string' }),
      set([...CUP, 'properties', 'handles', 'items', 'type'], ['string', 'null']),
    ],
    [
      ...ofCup('.size changes its type from "number" to "string"'),
      ...ofCup('.size has a wider maximum'),
      ...ofCup('.handles[] changes its type from "string" to "string", "null"'),
    ],
  ],
  [
    'bound of a response widened',
    [set([...CUP, 'properties', 'size', 'maximum'], 2000)],
    ofCup('.size has a wider maximum'),
  ],
  [
    'enum of a response widened',
    [add([...CUP, 'properties', 'state', 'enum'], 'lost')],
    ofCup(`.state gains the value "lost", which clients don't know`),
  ],
];

const inputsAndOutputs: readonly Case[] = [
  [
    'field removed',
    [remove([...BODY, 'properties', 'owner']), remove([...CUP, 'properties', 'state'])],
    [making('body.owner is removed'), ...ofCup('.state is removed')],
  ],
  [
    'enum narrowed',
    [remove([...BODY, 'properties', 'colour', 'enum', 1]), remove([...CUP, 'properties', 'state', 'enum', 2])],
    [making('body.colour loses the value "blue"'), ...ofCup('.state loses the value "broken"')],
  ],
  [
    'format changed',
    [set([...BODY, 'properties', 'owner', 'pattern'], '^[a-z]+$'), remove([...CUP, 'properties', 'id', 'format'])],
    [making('body.owner changes its pattern'), ...ofCup('.id changes its format')],
  ],
  [
    'keyword that is not compared',
    [set([...CUP, 'properties', 'size', 'oneOf'], [{ multipleOf: 10 }, { multipleOf: 25 }])],
    ofCup('.size changes oneOf, which is not compared: review it'),
  ],
];

const compatible: readonly DocumentEdit[] = [
  set([...MAKE, 'requestBody', 'required'], false),
  set([...BODY, 'required'], []),
  set([...BODY, 'properties', 'size', 'maximum'], 2000),
  add([...BODY, 'properties', 'colour', 'enum'], 'green'),
  set([...BODY, 'properties', 'owner', 'type'], ['string', 'null']),
  set([...BODY, 'properties', 'gift'], { type: 'boolean' }),
  set([...MAKE, 'responses', '201', 'headers', 'Link'], { schema: { type: 'string' } }),
  set([...MAKE, 'responses', '202'], { description: 'Later.' }),
  add([...READ, 'security'], { apiKey: [] }),
  add([...READ, 'parameters'], { name: 'unit', in: 'query', schema: { type: 'string' } }),
  set([...READ, 'summary'], 'Read a cup'),
  set(['paths', '/api/v1/saucers', 'get'], { operationId: 'listSaucers', responses: { 200: { description: 'All.' } } }),
  add([...CUP, 'required'], 'state'),
  set([...CUP, 'properties', 'size', 'maximum'], 800),
  set([...CUP, 'properties', 'made'], { type: 'string' }),
];

const underHigherVersion: readonly DocumentEdit[] = [
  add([...BODY, 'required'], 'owner'),
  rename(['paths', '/api/v1/cups'], '/api/v2/cups'),
  rename(['paths', '/api/v1/cups/{id}'], '/api/v2/cups/{cupId}'),
  add([...CUP, 'required'], 'colour'),
  set([...CUP, 'properties', 'colour'], { type: 'string' }),
  remove([...CUP, 'properties', 'state']),
];

const sorted = (findings: readonly string[]): string[] => findings.toSorted((a, b) => a.localeCompare(b));

describe('the released API', () => {
  it('is kept by the proposed one', () => {
    const read = (path: string): ApiDocument => parse(readFileSync(path, 'utf8')) as ApiDocument;

    expect(findBreakingChanges({ old: read(RELEASED_API_DOCUMENT), now: read(API_DOCUMENT) })).toEqual([]);
  });
});

describe('a breaking change', () => {
  it.each([...operations, ...inputs, ...outputs, ...inputsAndOutputs])('%s', (_, edits, findings) => {
    const found = findBreakingChanges({ old: edited(), now: edited(...edits) });

    expect(sorted(found)).toEqual(sorted(findings));
  });

  it('other fields rejected', () => {
    const open = edited(remove([...BODY, 'additionalProperties']));

    expect(findBreakingChanges({ old: open, now: edited() })).toEqual([making('body rejects other fields now')]);
  });
});

describe('a compatible change', () => {
  it.each([
    ['none', []],
    ['wider inputs, narrower outputs and additions', compatible],
    ['anything under a higher version of the path', underHigherVersion],
  ])('%s', (_, edits) => {
    expect(findBreakingChanges({ old: edited(), now: edited(...edits) })).toEqual([]);
  });
});

describe('npm run openapi:check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'openapi-check-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** Arguments of the command that compares the base with edits of it. */
  const check = (...edits: readonly DocumentEdit[]): string[] => {
    const proposed = join(folder, 'proposed.yaml');
    writeFileSync(proposed, editDocument(BASE, ...edits).toString());
    const root = join(import.meta.dirname, '../..');
    return [join(root, 'scripts/openapi-check.ts'), join(root, 'test/gates/base', BASE), proposed];
  };

  it('exits 1 and names what breaks', () => {
    const args = check(remove([...MAKE, 'responses', '409']));

    expect(() => execFileSync(process.execPath, args, { stdio: 'pipe' })).toThrow(
      'POST /api/v1/cups: status 409 is removed',
    );
  });

  it('exits 0 for compatible changes', () => {
    expect(execFileSync(process.execPath, check(...compatible), { encoding: 'utf8' })).toBe(
      'No breaking changes: clients of the released API can use this one.\n',
    );
  });
});
