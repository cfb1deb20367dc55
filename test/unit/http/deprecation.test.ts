import { afterEach, describe, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import { DEPRECATIONS, findDeprecationFaults, type Deprecations } from '../../../src/http/openapi/deprecations.ts';
import { makeFakeServer, USER_ID, userRepresentation } from '../../support/http/fake-deps.ts';

const DEPRECATED: Deprecations = {
  readUser: {
    deprecatedAt: '2023-06-30T23:59:59Z',
    sunsetAt: '2024-06-30T23:59:59Z',
    link: 'https://example.com/users-v2',
  },
  listUsers: { deprecatedAt: '2023-06-30T23:59:59Z', link: '/docs' },
};

/** In the formats of RFC 9745 section 2.1 and RFC 8594 section 3. */
const HEADERS = {
  deprecation: '@1688169599',
  sunset: 'Sun, 30 Jun 2024 23:59:59 GMT',
  link: '<https://example.com/users-v2>; rel="deprecation"',
};

const headers = { authorization: 'Bearer token' };
const url = `/api/v1/users/${USER_ID}`;

let server: Api;
afterEach(() => server.close());

const serve = async (deprecations: Deprecations = DEPRECATED): Promise<Api> =>
  (server = await makeFakeServer({
    deprecations,
    readUser: () => Promise.resolve(userRepresentation),
    listUsers: () => Promise.resolve({ users: [], nextCursor: 'bmV4dA' }),
    verifyAccessToken: () => ({
      subject: USER_ID,
      kind: 'user',
      sessionId: USER_ID,
      scopes: new Set(['users:list']),
      expiresAt: 4e9,
    }),
  }));

type Document = {
  paths: Record<string, Record<string, { deprecated?: boolean; responses: Record<string, { headers?: object }> }>>;
};

describe('a deprecated operation', () => {
  it('sends Deprecation, Sunset and Link with each response', async () => {
    const response = await (await serve()).inject({ url, headers });

    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject(HEADERS);
  });

  it('sends them with error responses, too', async () => {
    const response = await (await serve()).inject({ url });

    expect(response.statusCode).toBe(401);
    expect(response.headers).toMatchObject(HEADERS);
  });

  it('keeps the link to the next page, and sends no Sunset without a date', async () => {
    const response = await (await serve()).inject({ url: '/api/v1/users', headers });

    expect(response.headers.link).toMatch(/; rel="next", <\/docs>; rel="deprecation"$/);
    expect(response.headers).not.toHaveProperty('sunset');
  });

  it('is deprecated in the OpenAPI document, with the headers on each response', async () => {
    const document = (await (await serve()).inject('/openapi.json')).json<Document>();
    const operation = document.paths['/api/v1/users/{id}']?.get;

    expect(operation?.deprecated).toBe(true);
    for (const response of Object.values(operation?.responses ?? {})) {
      expect(response.headers).toMatchObject({ Deprecation: { example: HEADERS.deprecation } });
      expect(response.headers).toMatchObject({ Sunset: { example: HEADERS.sunset }, Link: { example: HEADERS.link } });
    }
  });

  it('does not affect other operations', async () => {
    const response = await (await serve()).inject({ url: '/.well-known/jwks.json' });
    const document = (await server.inject('/openapi.json')).json<Document>();

    expect(response.headers).not.toHaveProperty('deprecation');
    expect(document.paths['/api/v1/orders']?.get?.deprecated).toBeUndefined();
  });
});

describe('the deprecations table', () => {
  it('contains only existing operations and valid dates', async () => {
    const { paths } = (await (await serve()).inject('/openapi.json')).json<{
      paths: Record<string, Record<string, { operationId: string }>>;
    }>();
    const ids = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));

    expect(findDeprecationFaults(DEPRECATIONS, new Set(ids))).toEqual([]);
    expect(findDeprecationFaults(DEPRECATED, new Set(ids))).toEqual([]);
  });

  it('reports unknown operations and invalid dates', async () => {
    server = await serve();
    const wrong: Deprecations = {
      readUsers: { deprecatedAt: '2026-01-31T12:00:00Z', link: '/docs' },
      readUser: { deprecatedAt: '2026-02-30', sunsetAt: '2027-01-31T12:00:00Z', link: '/docs' },
      listUsers: { deprecatedAt: '2026-01-31T12:00:00Z', sunsetAt: '2025-01-31T12:00:00Z', link: '/docs' },
    };

    expect(findDeprecationFaults(wrong, new Set(['readUser', 'listUsers']))).toEqual([
      'readUsers: there is no such operation',
      'readUser: 2026-02-30 is not a time like 2026-01-31T12:00:00Z',
      'listUsers: its sunset is before its deprecation',
    ]);
  });
});
