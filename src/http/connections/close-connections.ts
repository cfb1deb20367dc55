// Closing a server closes its connections. Node alone waits for all that are not idle: for one that has sent nothing yet, or half a
// request, as long as its client likes.

import type { Socket } from 'node:net';

import type { FastifyInstance } from 'fastify';

import type { OpenRequests } from './open-requests.ts';

type Options = {
  readonly requests: Pick<OpenRequests, 'all' | 'whenNone'>;
  /** Open requests have this time to end once the server closes. */
  readonly withinMs: number;
  /** A connection on which no byte moves, in either direction, is closed after this time, unless it waits for its next request. */
  readonly socketTimeoutMs: number;
};

/**
 * On a timeout, a client that has not read its response is not waited for by the kernel either, which would keep what was not sent
 * for minutes. Without this listener Node closes the connection.
 */
const onTimeout = (socket: Socket): void => {
  if (socket.writableLength > 0) socket.resetAndDestroy();
  else socket.destroy();
};

/** Also closes connections that time out. When `app` closes: requests that are open are served, then every connection is closed. */
export const closeConnections = (app: FastifyInstance, { requests, withinMs, socketTimeoutMs }: Options): void => {
  const sockets = new Set<Socket>();
  let isOver = false;

  app.server.on('connection', (socket: Socket) => {
    if (isOver) socket.destroy();
    // Until its first response. Not Node's `server.timeout`, which costs a new timer for each request: afterwards hooks/deadline.ts sets this
    // timeout on a connection whose response takes long to read.
    socket.setTimeout(socketTimeoutMs);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  app.server.on('timeout', onTimeout);
  app.addHook('preClose', (done) => {
    const closeAll = (): void => {
      isOver = true;
      clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
    };
    const timer = setTimeout(closeAll, withinMs);
    for (const { reply } of requests.all()) if (!reply.raw.headersSent) reply.header('connection', 'close');
    // after what has arrived already was read: it may be a request
    setImmediate(() => {
      requests.whenNone(closeAll);
    });
    done();
  });
};
