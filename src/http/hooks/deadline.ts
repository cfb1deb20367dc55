// No request outlives its deadline: the caller gets 503 while inner budgets (statement, lock, cache) end the work itself. A response that
// has begun is left alone: its connection has a timeout of its own. One interval checks the oldest requests. Not Fastify's `handlerTimeout`,
// nor a timer per request: they cost more than the route.

import type { FastifyReply } from 'fastify';

import { HttpError } from '../errors.ts';
import type { Hooks } from './add-hooks.ts';

/** The precision of a deadline is a fortieth of it: 2 s to 50 ms. */
const TICKS = 40;

const expire = (reply: FastifyReply): void => {
  if (reply.sent || reply.raw.headersSent || reply.raw.destroyed) return;
  if (reply.request.raw.complete) {
    reply.send(new HttpError('DEADLINE_EXCEEDED', 'The request took too long to serve.'));
    return;
  }
  reply.header('connection', 'close'); // the rest of the body may still come
  reply.send(new HttpError('REQUEST_TIMEOUT', 'The body did not arrive in time.'));
};

export const makeDeadline = ({ timeoutMs }: { readonly timeoutMs: number }): Hooks => {
  /** In the order of arrival, with the tick of it. */
  const inFlight = new Map<FastifyReply, number>();
  let tick = 0;

  const sweep = (): void => {
    tick += 1;
    for (const [reply, arrival] of inFlight) {
      if (tick - arrival <= TICKS) return;
      inFlight.delete(reply);
      expire(reply);
    }
  };
  const interval = setInterval(sweep, timeoutMs / TICKS).unref();

  return {
    onRequest: (_request, reply, done) => {
      inFlight.set(reply, tick);
      done();
    },
    onEnd: (_request, reply) => {
      inFlight.delete(reply);
    },
    onClose: (_app, done) => {
      clearInterval(interval);
      done();
    },
  };
};
