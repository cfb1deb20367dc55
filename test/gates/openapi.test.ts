// The published document matches the routes and keeps the rules. Each rule finds the edits of base/documented-api.yaml that violate it.

import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { API_DOCUMENT, writeApiDocument } from '../../scripts/api-document.ts';
import { editDocument, remove, rename, set, type DocumentEdit } from './document-edits.ts';
import { lintOpenApi } from './openapi-linter.ts';
import {
  errorsAreProblems,
  everythingHasAnExample,
  everythingIsDescribed,
  rateLimitsAreDocumented,
  securityIsDeclared,
  type ApiDocument,
  type DocumentRule,
} from './openapi-rules.ts';

const published = readFileSync(API_DOCUMENT, 'utf8');
const edited = (...edits: readonly DocumentEdit[]) => editDocument('documented-api.yaml', ...edits);

const READ = ['paths', '/cups/{id}', 'get'];
const RESPONSES = [...READ, 'responses'];

/** Name, rule, edits of base/documented-api.yaml that violate it, findings. */
const RULES: readonly [string, DocumentRule, readonly DocumentEdit[], readonly string[]][] = [
  [
    'everything is described',
    everythingIsDescribed,
    [
      remove([...READ, 'description']),
      remove([...READ, 'parameters', 0, 'description']),
      remove([...RESPONSES, '200', 'content', 'application/json', 'schema', 'properties', 'size', 'description']),
    ],
    [
      'GET /cups/{id} has no summary or no description',
      'GET /cups/{id} does not describe id',
      'GET /cups/{id} 200.size has no description',
    ],
  ],
  [
    'everything has an example',
    everythingHasAnExample,
    [
      remove([...READ, 'parameters', 0, 'example']),
      remove(['components', 'schemas', 'Problem', 'properties', 'title', 'examples']),
    ],
    ['GET /cups/{id} has no example of id', 'Problem.title has no example'],
  ],
  [
    'security is declared',
    securityIsDeclared,
    [set([...READ, 'security'], [{ apiKey: [] }]), remove(['paths', '/cups/{id}', 'post', 'security'])],
    ['GET /cups/{id} requires apiKey, which is not a security scheme', 'POST /cups/{id} does not declare its security'],
  ],
  [
    'errors are problem documents',
    errorsAreProblems,
    [
      remove([...RESPONSES, '404']),
      set([...RESPONSES, '500', 'content'], { 'text/plain': { schema: { type: 'string' } } }),
    ],
    [
      'GET /cups/{id} does not document 404',
      'GET /cups/{id} documents 500 without a problem document that has examples',
    ],
  ],
  [
    'rate limits are documented',
    rateLimitsAreDocumented,
    [
      remove([...RESPONSES, '200', 'headers', 'RateLimit']),
      remove([...RESPONSES, '401', 'headers', 'WWW-Authenticate']),
      remove([...RESPONSES, '429', 'headers', 'Retry-After']),
    ],
    [
      'GET /cups/{id} does not document RateLimit with 200',
      'GET /cups/{id} does not document WWW-Authenticate with 401',
      'GET /cups/{id} does not document Retry-After with 429',
    ],
  ],
];

describe('api-specs/user-service-api.yaml', () => {
  it('matches the routes: npm run openapi', async () => {
    expect(published).toBe(await writeApiDocument());
  });

  it('would be stale if an operation were deprecated', async () => {
    const deprecation = { deprecatedAt: '2026-01-31T12:00:00Z', link: '/docs' };

    expect(await writeApiDocument({ readOrder: deprecation })).not.toBe(published);
  });
});

describe('the document is valid OpenAPI', () => {
  it('holds for the published document', async () => {
    expect(await lintOpenApi(published)).toEqual([]);
  });

  it('holds for the base document', async () => {
    expect(await lintOpenApi(edited().toString())).toEqual([]);
  });

  it('finds the violation', async () => {
    const document = edited(
      set([...READ, 'parameters', 0, 'schema', 'type'], 'integer'), // its example is text
      rename([...RESPONSES, '200', 'content'], 'contents'),
    );

    expect(await lintOpenApi(document.toString())).toEqual([
      '#/paths/~1cups~1{id}/get/parameters/0/example: Example value must conform to the schema: type must be integer.',
      '#/paths/~1cups~1{id}/get/responses/200/contents: Property `contents` is not expected here.',
    ]);
  });
});

describe.each(RULES)('%s', (_, rule, edits, findings) => {
  it('holds for the published document', () => {
    expect(rule(parse(published) as ApiDocument)).toEqual([]);
  });

  it('holds for the base document', () => {
    expect(rule(edited().toJS() as ApiDocument)).toEqual([]);
  });

  it('finds the violation', () => {
    expect(rule(edited(...edits).toJS() as ApiDocument)).toEqual(findings);
  });
});
