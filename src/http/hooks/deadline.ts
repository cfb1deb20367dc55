// No request outlives its deadline: the caller gets 503 while inner budgets (statement, lock, cache) end the work itself. A response that
// has begun is left alone: its connection has a timeout of its own. One interval checks the oldest requests. Not Fastify's `handlerTimeout`,
// nor a timer per request: they cost more than the route.

import type { FastifyInstance, FastifyReply } from 'fastify';

import type { OpenRequests } from '../connections/open-requests.ts';
import { HttpError } from '../errors.ts';

/** The precision of a deadline is a fortieth of it: 2 s to 50 ms. */
const TICKS = 40;

type Options = {
  readonly requests: Pick<OpenRequests, 'all'>;
  readonly timeoutMs: number;
  /** For a response that has begun: how long no byte of it may move. */
  readonly socketTimeoutMs: number;
};

const expire = (reply: FastifyReply, socketTimeoutMs: number): void => {
  if (reply.raw.headersSent) reply.raw.socket?.setTimeout(socketTimeoutMs);
  if (reply.sent || reply.raw.headersSent || reply.raw.destroyed) return;
  if (reply.request.raw.complete) {
    reply.send(new HttpError('DEADLINE_EXCEEDED', 'The request took too long to serve.'));
    return;
  }
  reply.header('connection', 'close'); // the rest of the body may still come
  reply.send(new HttpError('REQUEST_TIMEOUT', 'The body did not arrive in time.'));
};

/** Expires the requests of `app` that are open for longer than `timeoutMs`, each once. */
export const addDeadline = (app: FastifyInstance, { requests, timeoutMs, socketTimeoutMs }: Options): void => {
  const expired = new WeakSet<FastifyReply>();
  const sweep = (): void => {
    const latest = performance.now() - timeoutMs;
    for (const { reply, start } of requests.all()) {
      if (start > latest) return;
      if (!expired.has(reply)) expire(reply, socketTimeoutMs);
      expired.add(reply);
    }
  };
  const interval = setInterval(sweep, timeoutMs / TICKS).unref();
  app.addHook('onClose', (_app, done) => {
    clearInterval(interval);
    done();
  });
};
