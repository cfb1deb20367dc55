// The files of the documentation page, and the switch for it.

import { gunzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import { makeFakeServer, makeRecorder } from '../../support/http/fake-deps.ts';

const BUNDLE = '/docs/static/swagger-ui-bundle.js';
const { lines, ...recorder } = makeRecorder();

let app: Api;
beforeAll(async () => {
  app = await makeFakeServer(recorder);
});
afterAll(() => app.close());

describe('a file of the documentation page', () => {
  it('is sent as it is, or compressed for a client that accepts gzip', async () => {
    const plain = await app.inject({ url: BUNDLE });
    const gzipped = await app.inject({ url: BUNDLE, headers: { 'accept-encoding': 'br, gzip;q=0.8' } });

    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(gzipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
    expect(gunzipSync(gzipped.rawPayload).equals(plain.rawPayload)).toBe(true);
    expect(gzipped.rawPayload.length).toBeLessThan(plain.rawPayload.length / 3);
  });

  it.each(['gzip;q=0', 'identity', 'br', 'xgzip', 'gzip;q=0.0'])('is not compressed for %s', async (accepted) => {
    const response = await app.inject({ url: '/docs/static/index.css', headers: { 'accept-encoding': accepted } });

    expect(response.headers['content-encoding']).toBeUndefined();
  });

  it('is kept for an hour, and then not sent again unless it has changed', async () => {
    const first = await app.inject(BUNDLE);
    const second = await app.inject({ url: BUNDLE, headers: { 'if-none-match': String(first.headers.etag) } });

    expect(first.headers['cache-control']).toBe('public, max-age=3600');
    expect(second.statusCode).toBe(304);
    expect(second.rawPayload).toHaveLength(0);
  });

  it.each([
    ['index.css', 'text/css; charset=utf-8'],
    ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
    ['favicon-32x32.png', 'image/png'],
  ])('has its type: %s', async (name, type) => {
    expect((await app.inject(`/docs/static/${name}`)).headers['content-type']).toBe(type);
  });

  it.each([
    '',
    'none',
    '%00',
    '../x',
    '%2e%2e/x',
    '..%2fx',
    'a'.repeat(300),
    '__proto__',
    '.',
    '%c3%a9',
    'package.json',
  ])('that does not exist gets 404, as a problem document: %s', async (name) => {
    for (const method of ['GET', 'HEAD'] as const) {
      const response = await app.inject({ method, url: `/docs/static/${name}` });

      expect(response.statusCode).toBe(404);
      expect(response.headers['content-type']).toContain('application/problem+json');
    }
    expect(lines.filter(({ level }) => level !== 'info')).toEqual([]);
  });
});

describe('the documentation page', () => {
  it('does not store access tokens in the browser', async () => {
    const { body } = await app.inject('/docs/static/swagger-initializer.js');

    expect(body).toContain('"persistAuthorization":false');
  });

  it.each([
    '/docs',
    '/docs/',
    '/docs/json',
    '/docs/yaml',
    BUNDLE,
    '/docs/static/swagger-initializer.js',
    '/openapi.json',
  ])('can be switched off: %s', async (url) => {
    expect((await app.inject(url)).statusCode).toBe(200);
    const without = await makeFakeServer({ options: { docs: false } });

    const response = await without.inject(url);

    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
    expect((await without.inject('/problems/user-not-found')).statusCode).toBe(200);
  });
});
