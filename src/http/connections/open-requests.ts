// Which requests are being served, and how each of them ends: exactly once, whether its response was sent or its connection was lost.

import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** nginx's status for a caller that closed the connection before it had the whole response. It is logged, never sent. */
const CLIENT_CLOSED_REQUEST = 499;

/** @param status that was sent, or 499 when the caller did not get the whole response */
export type OnEnd = (request: FastifyRequest, reply: FastifyReply, status: number, durationMs: number) => void;

export type OpenRequest = {
  readonly reply: FastifyReply;
  /** Milliseconds of the monotonic clock. */
  readonly start: number;
};

export type OpenRequests = {
  /** In the order of arrival. */
  readonly all: () => Iterable<OpenRequest>;
  /** The last request that came on this connection, open or not. */
  readonly latestOf: (socket: Socket) => FastifyReply | undefined;
  /** Calls back once, as soon as no request is open. */
  readonly whenNone: (callback: () => void) => void;
};

type Connection = Socket & { latestReply?: FastifyReply };

/** `app.inject` has no connection that could be lost. */
const isSent = (response: ServerResponse, { request }: FastifyReply): boolean =>
  response.writableFinished || !(request.raw.socket instanceof Socket);

const ignore = (): void => undefined;

/** Must be called before other hooks are added. Not Fastify's `onResponse`, which misses a request whose connection was lost. */
export const watchRequests = (app: FastifyInstance, ends: readonly OnEnd[]): OpenRequests => {
  const open = new Map<ServerResponse, OpenRequest>();
  let onNone = ignore;

  const end = (response: ServerResponse): void => {
    const request = open.get(response);
    if (request === undefined) return;
    open.delete(response);
    const { reply, start } = request;
    const status = isSent(response, reply) ? reply.statusCode : CLIENT_CLOSED_REQUEST;
    const durationMs = Math.round((performance.now() - start) * 1000) / 1000;
    for (const onEnd of ends) onEnd(reply.request, reply, status, durationMs);
    if (open.size === 0) onNone();
  };
  // one function for all requests, and no listener of `finish`: this runs for each of them
  function onClose(this: ServerResponse): void {
    end(this);
  }

  app.addHook('onRequest', (request, reply, done) => {
    open.set(reply.raw, { reply, start: performance.now() });
    (request.raw.socket as Connection).latestReply = reply;
    // an error of the connection ends the response, not the process
    reply.raw.on('close', onClose).on('error', ignore);
    done();
  });
  // A pipelined response that still waits for its turn does not get `close`.
  app.server.on('connection', (socket: Socket) => {
    socket.on('close', () => {
      for (const [response, { reply }] of open) if (reply.request.raw.socket === socket) end(response);
    });
  });

  return {
    all: () => open.values(),
    latestOf: (socket) => (socket as Connection).latestReply,
    whenNone: (callback) => {
      if (open.size === 0) callback();
      else onNone = callback;
    },
  };
};
