import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it, onTestFinished } from 'vitest';

import { makeUserDirectory } from '../../src/user-directory.ts';
import { makeUserService } from '../../src/user-service.ts';

const USER_ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';
const ann = { name: 'Ann Lee', email: 'ann@example.com' };
const WAITS = { code: 'DEPENDENCY_UNAVAILABLE' };

describe('the user directory', () => {
  /** Tokens are named by number; those below `good` are refused. */
  const arrange = (good = 1) => {
    const clock = { ms: 0 };
    const issued: string[] = [];
    const used: string[] = [];
    const directory = makeUserDirectory({
      userService: {
        issueToken: () => {
          issued.push('one more');
          return Promise.resolve({ accessToken: String(issued.length), expiresInSeconds: 300 });
        },
        readUser: (_id, token = '') => {
          used.push(token);
          return Promise.resolve(Number(token) < good ? 'refused' : ann);
        },
      },
      credentials: () => ({ clientId: 'notification-service', clientSecret: 'a-secret' }),
      now: () => clock.ms,
    });
    return { directory, clock, used };
  };

  it('keeps a token until shortly before its end', async () => {
    const { directory, clock, used } = arrange();
    for (const ms of [0, 269_000, 270_000]) {
      clock.ms = ms;
      await directory.find(USER_ID);
    }
    expect(used).toEqual(['1', '1', '2']);
  });

  it('gets a new token when the old one is refused', async () => {
    const { directory, used } = arrange(2);
    expect(await directory.find(USER_ID)).toEqual(ann);
    expect(used).toEqual(['1', '2']);
  });

  it('waits for better credentials when that is refused too', async () => {
    await expect(arrange(9).directory.find(USER_ID)).rejects.toMatchObject(WAITS);
  });
});

describe('a user-service that does not keep its contract', () => {
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
    ['answers what is not JSON', (_request, response) => response.end('<html>ann@example.com')],
    ['answers null', (_request, response) => response.end('null')],
    ['leaves a field out', (_request, response) => response.end('{"name":"Ann Lee"}')],
    ['fails', (_request, response) => response.writeHead(500).end('{}')],
    ['says 404 for another reason', (_request, response) => response.writeHead(404).end('{"code":"ROUTE_NOT_FOUND"}')],
    ['sends elsewhere', (_request, response) => response.writeHead(302, { location: '/' }).end()],
    ['hangs up', (request) => request.socket.destroy()],
    ['does not answer', () => undefined],
  ])('is waited for when it %s', async (_what, listener) => {
    const userService = makeUserService({ baseUrl: await serve(listener), timeoutMs: 50 });
    const refusal: unknown = await userService.readUser(USER_ID, 'a-token').catch((error: unknown) => error);
    expect(refusal).toMatchObject(WAITS);
    expect(String((refusal as Error).cause)).not.toContain('ann@example.com');
  });
});
