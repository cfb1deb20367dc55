import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';

import { makeUserServiceClient } from 'user-service-client';
import { describe, expect, it, onTestFinished } from 'vitest';

import { makeUserDirectory } from '../../src/user-directory.ts';

const USER_ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';
const JSON_TYPE = { 'content-type': 'application/json' };
const PROBLEM_TYPE = { 'content-type': 'application/problem+json' };
const TRANSIENT = { code: 'DEPENDENCY_UNAVAILABLE' };

describe('a user-service that violates its contract', () => {
  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it.each<[string, RequestListener]>([
    ['returns a body that is not JSON', (_request, response) => response.end('<html>ann@example.com')],
    ['returns null', (_request, response) => response.end('null')],
    ['omits a field', (_request, response) => response.writeHead(200, JSON_TYPE).end('{"name":"Ann Lee"}')],
    ['returns 500', (_request, response) => response.writeHead(500).end('{}')],
    [
      'returns 404 with another problem code',
      (_request, response) =>
        response.writeHead(404, PROBLEM_TYPE).end('{"title":"No","traceId":"1","code":"ROUTE_NOT_FOUND"}'),
    ],
    ['redirects', (_request, response) => response.writeHead(302, { location: '/' }).end()],
    ['closes the connection', (request) => request.socket.destroy()],
    ['does not respond', () => undefined],
  ])('causes a transient failure when it %s', async (_name, listener) => {
    const client = makeUserServiceClient({ baseUrl: await serve(listener), timeoutMs: 50 });
    const failure: unknown = await makeUserDirectory({ client })
      .find(USER_ID)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject(TRANSIENT);
    expect(inspect(failure)).not.toContain('ann@example.com');
  });
});
