// The gate of the published API (`npm run openapi:check`) finds each kind of break, planted in fixtures/openapi/<rule>/, and lets the rest pass.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { API_DOCUMENT, RELEASED_API_DOCUMENT } from '../../scripts/api-document.ts';
import type { ApiDocument } from '../../scripts/api-changes/document.ts';
import { findBreakingChanges } from '../../scripts/api-changes/find-breaking-changes.ts';

const folder = join(import.meta.dirname, 'fixtures/openapi');
const gate = join(import.meta.dirname, '../../scripts/openapi-check.ts');
const read = (path: string): ApiDocument => parse(readFileSync(path, 'utf8')) as ApiDocument;

/** Sentences of one rule; fields of an answer that two operations give are found twice. */
const MAKE = 'POST /api/v1/cups:';
const READ = 'GET /api/v1/cups/{id}:';
const inAnswers = (sentence: string): string[] => [`${MAKE} 201 ${sentence}`, `${READ} 200 ${sentence}`];

const RULES: Record<string, string[]> = {
  'answer-less-certain': [`${MAKE} 201 header ETag may be absent now`, ...inAnswers('body.size may be absent now')],
  'body-demanded': [`${READ} body is required now`],
  'bound-narrowed': [`${MAKE} body.size has a narrower maximum`, `${MAKE} body.owner has a narrower minLength`],
  'bound-of-answer-widened': [...inAnswers('body.size has a wider maximum')],
  'content-type-changed': [`${READ} 200 body is no longer application/json`],
  'enum-begun': [`${MAKE} body.owner takes only "ann", "bob" now`],
  'enum-narrowed': [`${MAKE} body.colour loses the value "blue"`, ...inAnswers('body.state loses the value "broken"')],
  'enum-of-answer-widened': [...inAnswers(`body.state gains the value "lost", which readers don't know`)],
  'field-removed': [`${MAKE} body.owner is removed`, ...inAnswers('body.state is removed')],
  'format-changed': [`${MAKE} body.owner changes its pattern`, ...inAnswers('body.id changes its format')],
  'header-removed': [`${MAKE} 201 header ETag is removed`],
  'input-required': [
    `${MAKE} header parameter Idempotency-Key is required now`,
    `${MAKE} body.colour is required now`,
    `${READ} query parameter unit is required now`,
  ],
  'not-judged': [...inAnswers("body.size changes oneOf, which can't be judged here")],
  'operation-removed': [`${READ} is removed`],
  'operation-renamed': [`${READ} changes its operationId from readCup to getCup: clients name it so`],
  'other-fields-refused': [`${MAKE} body takes no other fields now`],
  'parameter-removed': [`${MAKE} header parameter Idempotency-Key is removed`],
  'path-version-falls': [`${MAKE} is removed`, `${READ} is removed`],
  'path-version-rises': [],
  'security-raised': [
    `${MAKE} needs more of its callers now (security)`,
    `${READ} needs more of its callers now (security)`,
  ],
  'status-removed': [`${MAKE} status 409 is removed`],
  'type-changed': [
    ...inAnswers('body.size changes its type from "number" to "string"'),
    ...inAnswers('body.size has a wider maximum'),
    ...inAnswers('body.handles[] changes its type from "string" to "string", "null"'),
  ],
  'type-narrowed': [
    `${MAKE} body.size changes its type from "number" to "integer"`,
    `${READ} path parameter id changes its type from "string" to "integer"`,
  ],
  'what-may-change': [],
};

describe('the released API', () => {
  it('is kept by the proposed one', () => {
    expect(findBreakingChanges({ old: read(RELEASED_API_DOCUMENT), now: read(API_DOCUMENT) })).toEqual([]);
  });
});

describe('a break of the API', () => {
  it('has a rule for each fixture', () => {
    expect(new Set(readdirSync(folder))).toEqual(new Set(Object.keys(RULES)));
  });

  it.each(Object.entries(RULES))('%s', (rule, findings) => {
    const old = read(join(folder, rule, 'released.yaml'));
    const now = read(join(folder, rule, 'proposed.yaml'));

    expect(new Set(findBreakingChanges({ old, now }))).toEqual(new Set(findings));
  });
});

describe('npm run openapi:check', () => {
  const check = (rule: string) => [gate, join(folder, rule, 'released.yaml'), join(folder, rule, 'proposed.yaml')];

  it('ends with 1 and says what breaks', () => {
    expect(() => execFileSync(process.execPath, check('status-removed'), { stdio: 'pipe' })).toThrow(
      'POST /api/v1/cups: status 409 is removed',
    );
  });

  it('ends with 0 when nobody is harmed', () => {
    expect(execFileSync(process.execPath, check('what-may-change'), { encoding: 'utf8' })).toBe(
      'Whoever uses the released API can use this one.\n',
    );
  });
});
