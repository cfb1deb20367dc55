// The published document is the one that the routes make, and keeps the rules; each rule finds the bug that is planted for it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { API_DOCUMENT, writeApiDocument } from '../../scripts/api-document.ts';
import { lintOpenApi } from './openapi-linter.ts';
import {
  everythingHasAnExample,
  everythingIsDescribed,
  limitsAreTold,
  refusalsAreProblems,
  securityIsSaid,
  type ApiDocument,
  type DocumentRule,
} from './openapi-rules.ts';

const published = readFileSync(API_DOCUMENT, 'utf8');
const planted = (rule: string): string =>
  readFileSync(join(import.meta.dirname, `fixtures/openapi-lint/${rule}.yaml`), 'utf8');

const RULES: [string, DocumentRule, string[]][] = [
  [
    'everything-is-described',
    everythingIsDescribed,
    [
      'GET /cups/{id} has no summary or no description',
      'GET /cups/{id} does not describe id',
      'GET /cups/{id} 200.size has no description',
    ],
  ],
  [
    'everything-has-an-example',
    everythingHasAnExample,
    ['GET /cups/{id} shows no example of id', 'Problem.title has no example'],
  ],
  [
    'security-is-said',
    securityIsSaid,
    ['GET /cups/{id} needs apiKey, which is no security scheme', 'POST /cups/{id} does not say who may call it'],
  ],
  [
    'refusals-are-problems',
    refusalsAreProblems,
    [
      'GET /cups/{id} does not document 404',
      'GET /cups/{id} answers 500 with something else than a problem document with examples',
    ],
  ],
  [
    'limits-are-told',
    limitsAreTold,
    [
      'GET /cups/{id} does not document RateLimit with 200',
      'GET /cups/{id} does not document WWW-Authenticate with 401',
      'GET /cups/{id} does not document Retry-After with 429',
    ],
  ],
];

describe('api-specs/user-service-api.yaml', () => {
  it('is what the routes make: npm run openapi', async () => {
    expect(published).toBe(await writeApiDocument());
  });

  it('would be stale if an operation were deprecated', async () => {
    const deprecation = { deprecatedAt: '2026-01-31T12:00:00Z', link: '/docs' };

    expect(await writeApiDocument({ readOrder: deprecation })).not.toBe(published);
  });
});

describe('is-valid-openapi', () => {
  it('holds for the published document', async () => {
    expect(await lintOpenApi(published)).toEqual([]);
  });

  it('finds the planted bug', async () => {
    expect(await lintOpenApi(planted('is-valid-openapi'))).toEqual([
      '#/paths/~1cups~1{id}/get/parameters/0/example: Example value must conform to the schema: type must be integer.',
      '#/paths/~1cups~1{id}/get/responses/200/contents: Property `contents` is not expected here.',
    ]);
  });
});

describe.each(RULES)('%s', (name, rule, findings) => {
  it('holds for the published document', () => {
    expect(rule(parse(published) as ApiDocument)).toEqual([]);
  });

  it('finds the planted bug', () => {
    expect(rule(parse(planted(name)) as ApiDocument)).toEqual(findings);
  });
});
