// No request outlives its deadline: the caller gets 503 while inner budgets (statement, lock, cache) end the work itself.
// One ticking clock looks at the oldest requests. Not Fastify's `handlerTimeout`, nor a timer each: they cost more than the route.

import type { FastifyInstance, FastifyReply } from 'fastify';

import { HttpError } from '../errors.ts';

/** A deadline is met to a fortieth: 2 s to 50 ms. */
const TICKS = 40;

const expire = (reply: FastifyReply): void => {
  if (reply.sent || reply.raw.destroyed) return;
  if (reply.request.raw.complete) {
    reply.send(new HttpError('DEADLINE_EXCEEDED', 'The answer took too long.'));
    return;
  }
  reply.header('connection', 'close'); // the rest of the body may still come
  reply.send(new HttpError('REQUEST_TIMEOUT', 'The body did not arrive in time.'));
};

export const addDeadline = (app: FastifyInstance, { timeoutMs }: { timeoutMs: number }): void => {
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
  const clock = setInterval(sweep, timeoutMs / TICKS).unref();

  app.addHook('onRequest', (_request, reply, done) => {
    inFlight.set(reply, tick);
    done();
  });
  app.addHook('onResponse', (_request, reply, done) => {
    inFlight.delete(reply);
    done();
  });
  app.addHook('onClose', (_app, done) => {
    clearInterval(clock);
    done();
  });
};
