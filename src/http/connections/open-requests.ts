// Which requests are being served, and how each of them ends: exactly once, whether its response was sent or its connection was lost.

import type { Socket } from 'node:net';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** nginx's status for a caller that closed the connection before it had the whole response. It is logged, never sent. */
const CLIENT_CLOSED_REQUEST = 499;

/** @param status that was sent, or 499 when the caller did not get the whole response */
export type OnEnd = (request: FastifyRequest, reply: FastifyReply, status: number, durationMs: number) => void;

export type OpenRequests = {
  readonly all: () => Iterable<FastifyReply>;
  /** The last request that came on this connection, open or not. */
  readonly latestOf: (socket: Socket) => FastifyReply | undefined;
  /** Calls back once, as soon as no request is open. */
  readonly whenNone: (callback: () => void) => void;
};

const ignore = (): void => undefined;

/** Must be called before other hooks are added. Not Fastify's `onResponse`, which misses a request whose connection was lost. */
export const watchRequests = (app: FastifyInstance, ends: readonly OnEnd[]): OpenRequests => {
  const startOf = new Map<FastifyReply, number>();
  const latest = new WeakMap<Socket, FastifyReply>();
  let onNone = ignore;

  const end = (reply: FastifyReply, status: number): void => {
    const start = startOf.get(reply);
    if (start === undefined) return;
    startOf.delete(reply);
    const durationMs = Math.round((performance.now() - start) * 1000) / 1000;
    for (const onEnd of ends) onEnd(reply.request, reply, status, durationMs);
    if (startOf.size === 0) onNone();
  };

  app.addHook('onRequest', (request, reply, done) => {
    startOf.set(reply, performance.now());
    latest.set(request.raw.socket, reply);
    reply.raw
      .on('finish', () => {
        end(reply, reply.statusCode);
      })
      .on('close', () => {
        end(reply, CLIENT_CLOSED_REQUEST);
      })
      .on('error', ignore); // an error of the connection ends the response, not the process
    done();
  });
  // A pipelined response that still waits for its turn does not get `close`.
  app.server.on('connection', (socket: Socket) => {
    socket.on('close', () => {
      for (const reply of startOf.keys()) if (reply.request.raw.socket === socket) end(reply, CLIENT_CLOSED_REQUEST);
    });
  });

  return {
    all: () => startOf.keys(),
    latestOf: (socket) => latest.get(socket),
    whenNone: (callback) => {
      if (startOf.size === 0) callback();
      else onNone = callback;
    },
  };
};
