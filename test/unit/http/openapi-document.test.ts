import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import { toTypeUri } from '../../../src/http/problems/problem.ts';
import { PROBLEM_TYPES } from '../../../src/http/problems/problem-types.ts';
import { makeFakeServer } from '../../support/http/fake-deps.ts';

type Operation = {
  operationId: string;
  summary?: string;
  responses: Record<string, { content?: Record<string, { examples?: object }> }>;
};
type Document = { openapi: string; paths: Record<string, Record<string, Operation>> };

let app: Api;
let document: Document;
const registered: string[] = [];

/** The routes registered with Fastify, without HEAD and the documentation page. */
const recordRoutes = (message: unknown): void => {
  (message as { fastify: Api }).fastify.addHook('onRoute', ({ method, url }) => {
    if (method !== 'HEAD' && !url.startsWith('/docs'))
      registered.push(`${String(method)} ${url.replace(/:(\w+)/g, '{$1}')}`);
  });
};

beforeAll(async () => {
  subscribe('fastify.initialization', recordRoutes);
  app = await makeFakeServer();
  unsubscribe('fastify.initialization', recordRoutes);
  document = (await app.inject('/openapi.json')).json<Document>();
});
afterAll(() => app.close());

const operations = (): Operation[] => Object.values(document.paths).flatMap((path) => Object.values(path));

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1', () => {
    expect(document.openapi).toBe('3.1.0');
  });

  it('documents exactly the registered routes', () => {
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );

    expect(registered.length).toBeGreaterThan(10);
    expect(new Set(documented)).toEqual(new Set(registered));
    expect(documented).toHaveLength(registered.length);
  });

  it('has a unique operationId and a summary for each operation', () => {
    const ids = operations().map(({ operationId }) => operationId);

    expect(new Set(ids).size).toBe(ids.length);
    for (const { summary } of operations()) expect(summary).toBeTruthy();
  });

  it('documents problem responses with examples for every operation', () => {
    for (const { responses } of operations()) {
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '429', '500']));
      const problems = Object.entries(responses).filter(([status]) => Number(status) >= 400);
      for (const [, { content }] of problems) expect(content?.['application/problem+json']?.examples).toBeDefined();
    }
  });

  it('documents one success response for every operation', () => {
    for (const { responses } of operations()) {
      expect(Object.keys(responses).filter((status) => status.startsWith('2'))).toHaveLength(1);
    }
  });

  it('references only schemas that it contains', () => {
    const text = JSON.stringify(document);
    const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);

    expect(new Set(names)).toEqual(new Set(['Problem', 'User', 'UserPage', 'Order', 'OrderPage']));
    expect(text).not.toContain('def-0');
  });
});

describe('the documentation page', () => {
  it('may only load its own files and call this API', async () => {
    const page = await app.inject('/docs');
    const policy = String(page.headers['content-security-policy']);

    expect(page.statusCode).toBe(200);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self'");
  });

  it('references only files that are served', async () => {
    const page = await app.inject('/docs');
    const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => String(file));

    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect((await app.inject(file)).statusCode).toBe(200);
  });
});

describe('every problem type', () => {
  it.each(Object.keys(PROBLEM_TYPES))('%s resolves to its documentation', async (code) => {
    const response = await app.inject(toTypeUri(code));

    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ code, type: toTypeUri(code) });
  });
});
