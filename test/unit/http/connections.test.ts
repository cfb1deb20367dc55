// Connections end: silent ones, half requests, clients that don't read, and all of them when the server closes.

import { afterEach, describe, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import { eventually } from '../../support/eventually.ts';
import {
  makeFakeServer,
  makeRecorder,
  USER_ID,
  userRepresentation,
  type FakeDeps,
} from '../../support/http/fake-deps.ts';
import { bodyOf, listen, openSocket, rawRequest } from '../../support/http/raw-request.ts';

const PATH = `/api/v1/users/${USER_ID}`;
const HEAD = `GET ${PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\n`;
const BUNDLE_PATH = '/docs/static/swagger-ui-bundle.js';
const BUNDLE_BYTES = 1_684_244;
const BUNDLE = `GET ${BUNDLE_PATH} HTTP/1.1\r\nHost: a\r\n\r\n`;
const readUser = () => Promise.resolve(userRepresentation);

let app: Api | undefined;
const serve = async (deps: FakeDeps = {}): Promise<number> => {
  app = await makeFakeServer({ readUser, ...deps });
  return listen(app);
};
/** The first response with a file waits for its compression, which may take longer than the deadlines of these tests. */
const loadBundle = async (): Promise<void> => {
  await eventually(async () => {
    expect((await app?.inject(BUNDLE_PATH))?.statusCode).toBe(200);
  });
};
afterEach(async () => {
  await app?.close();
  app = undefined;
});

const countConnections = (): Promise<number> =>
  new Promise((resolve, reject) => {
    app?.server.getConnections((error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });

describe('a connection', () => {
  it.each([
    ['nothing', ''],
    ['half a request', HEAD],
    [
      'half a body',
      `POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
    ],
  ])('is closed after the timeout when its client sends %s', async (_name, bytes) => {
    const port = await serve({ options: { socketTimeoutMs: 200, requestTimeoutMs: 100 } });

    const { closed, read } = await openSocket(port, bytes);
    read();

    expect(await closed).toBeLessThan(2000);
    expect(await countConnections()).toBe(0);
  });

  it('is closed when its client has read nothing of a large response for the timeout, without a second response', async () => {
    const { lines, ...recorder } = makeRecorder();
    const port = await serve({ ...recorder, options: { socketTimeoutMs: 300, requestTimeoutMs: 100 } });

    await loadBundle();
    lines.length = 0;
    const client = await openSocket(port, BUNDLE.repeat(20));

    await eventually(async () => {
      expect(await countConnections()).toBe(0);
    });
    client.read();
    await client.closed;
    const unread = lines.filter(({ fields }) => fields.status === 499);
    expect(unread.length).toBeGreaterThan(0);
    expect(lines.filter(({ level }) => level !== 'info')).toEqual([]);
    expect(lines.filter(({ fields }) => fields.status !== 499 && fields.status !== 200)).toEqual([]);
  });

  it('is closed when its client has not read a response that the kernel could buffer', async () => {
    const port = await serve({ options: { socketTimeoutMs: 300, requestTimeoutMs: 100, keepAliveTimeoutMs: 65_000 } });
    await loadBundle();

    await openSocket(port, `GET ${BUNDLE_PATH} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n`);

    await eventually(async () => {
      expect(await countConnections()).toBe(0);
    });
  });

  it('is not cut off while its client reads slowly, however long after the deadline', async () => {
    const { lines, ...recorder } = makeRecorder();
    const port = await serve({ ...recorder, options: { socketTimeoutMs: 1000, requestTimeoutMs: 100 } });
    const COPIES = 8; // more than the kernel's buffers hold

    await loadBundle();
    lines.length = 0;
    const client = await openSocket(port, BUNDLE.repeat(COPIES));
    client.socket.on('data', () => {
      client.socket.pause();
      setTimeout(() => client.socket.resume(), 5);
    });
    client.read();

    await eventually(
      () => {
        expect(client.received()).toBeGreaterThan(COPIES * BUNDLE_BYTES);
      },
      { deadlineMs: 15_000 },
    );
    await eventually(() => {
      expect(lines.map(({ fields }) => fields.status)).toEqual(Array.from({ length: COPIES }, () => 200));
    });
    client.socket.destroy();
  });

  it('that was refused is closed, even when its client keeps it open', async () => {
    const port = await serve();

    const { closed, socket } = await openSocket(port, 'nonsense\r\n\r\n');
    socket.resume();

    expect(await closed).toBeLessThan(3000);
  });

  it('gets no second response when the rest of a refused body is not valid', async () => {
    const { lines, ...recorder } = makeRecorder();
    const port = await serve(recorder);

    const response = await rawRequest(
      port,
      'POST /none HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n',
    );

    expect(response.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404']);
    expect(lines).toMatchObject([{ fields: { status: 404 } }]);
  });

  it('may be kept open between requests for longer than the timeout', async () => {
    const port = await serve({ options: { socketTimeoutMs: 200, requestTimeoutMs: 100, keepAliveTimeoutMs: 65_000 } });
    const client = await openSocket(port, `${HEAD}\r\n`);
    client.read();
    await eventually(() => {
      expect(client.received()).toBeGreaterThan(0);
    });

    const first = client.received();
    const silent = await openSocket(port);
    silent.read();
    await silent.closed;
    client.socket.write(`${HEAD}\r\n`);

    await eventually(() => {
      expect(client.received()).toBeGreaterThan(first);
    });
    client.socket.destroy();
  });
});

describe('the number of connections', () => {
  const openAll = (port: number, addresses: readonly string[]) =>
    Promise.all(addresses.map((address) => openSocket(port, '', address)));
  const endAll = (clients: Awaited<ReturnType<typeof openAll>>) => {
    for (const { socket } of clients) socket.destroy();
  };

  it('is limited in all', async () => {
    let refused = 0;
    const onConnectionRefused = () => (refused += 1);
    const port = await serve({ onConnectionRefused, options: { maxConnections: 3 } });

    const clients = await openAll(port, ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6']);

    await eventually(async () => {
      expect(await countConnections()).toBe(3);
      expect(refused).toBe(2);
    });
    endAll(clients);
  });

  it('is limited from one address, and allows a new one when another has ended', async () => {
    let refused = 0;
    const onConnectionRefused = () => (refused += 1);
    const port = await serve({ onConnectionRefused, options: { maxConnectionsPerAddress: 2 } });

    const clients = await openAll(port, ['127.0.0.2', '127.0.0.2', '127.0.0.2', '127.0.0.3']);
    await eventually(async () => {
      expect(await countConnections()).toBe(3);
      expect(refused).toBe(1);
    });
    endAll(clients);
    await eventually(async () => {
      expect(await countConnections()).toBe(0);
    });
    const again = await openAll(port, ['127.0.0.2', '127.0.0.2']);
    await eventually(async () => {
      expect(await countConnections()).toBe(2);
    });
    endAll(again);
  });

  it('is not limited per address for a trusted proxy', async () => {
    const port = await serve({ options: { maxConnectionsPerAddress: 1, trustProxy: ['127.0.0.2/32'] } });

    const clients = await openAll(port, ['127.0.0.2', '127.0.0.2', '127.0.0.2']);

    await eventually(async () => {
      expect(await countConnections()).toBe(3);
    });
    endAll(clients);
  });
});

describe('closing the server', () => {
  const close = async (): Promise<number> => {
    const start = performance.now();
    await app?.close();
    return performance.now() - start;
  };

  it.each([
    ['silent', ''],
    ['half-spoken', 'GET /api'],
    ['half-spoken, with headers', HEAD],
    ['idle', `${HEAD}\r\n`],
    ['idle, HTTP/1.0', `GET /none HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`],
    ['upgraded in vain', `${HEAD}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
    ['refused', 'nonsense\r\n\r\n'],
    ['refused to be a tunnel', 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n'],
  ])('takes no time while connections are open: %s', async (_name, bytes) => {
    const port = await serve();
    const clients = await Promise.all(Array.from({ length: 5 }, () => openSocket(port, bytes)));
    await eventually(async () => {
      expect(await countConnections()).toBe(5);
    });
    for (const { read } of clients) read();

    expect(await close()).toBeLessThan(500);
    await Promise.all(clients.map(({ closed }) => closed));
  });

  it('waits for a request that is being served, not for the connections beside it', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof userRepresentation>();
    const { promise: began, resolve: begin } = Promise.withResolvers<undefined>();
    const port = await serve({
      readUser: () => {
        begin(undefined);
        return promise;
      },
    });
    const silent = await openSocket(port);
    silent.read();
    const response = rawRequest(port, `${HEAD}\r\n`);
    await began;

    const closing = close();
    await eventually(() => {
      expect(app?.server.listening).toBe(false);
    });
    resolve(userRepresentation);

    expect(await response).toMatch(/^HTTP\/1\.1 200 [^]*connection: close/i);
    expect(bodyOf(await response)).toEqual({ id: USER_ID });
    expect(await closing).toBeLessThan(500);
  });

  it('waits no longer than the deadline, and a second, for clients that do not read', async () => {
    const port = await serve({ options: { requestTimeoutMs: 100 } });
    await loadBundle();
    const client = await openSocket(port, BUNDLE.repeat(20));
    await eventually(() => {
      expect(client.socket.bytesRead).toBeGreaterThan(0);
    });

    expect(await close()).toBeLessThan(2500);
    client.socket.destroy();
  });
});
