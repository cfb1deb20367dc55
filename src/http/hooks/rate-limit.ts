import type { FastifyInstance } from 'fastify';

import { clientAddress } from '../client-address.ts';
import { HttpError } from '../errors.ts';
import type { GeneralLimit } from '../../rate-limit/ports.ts';
import { makeRateLimitHeaders } from '../rate-limit-headers.ts';

type Deps = {
  readonly limit: GeneralLimit;
  /** These two are only told to callers; `limit` counts. */
  readonly rateLimitPerSecond: number;
  readonly rateLimitBurst: number;
};

/** One caller can't take the service from the others. Counted in this process; the strict limits are shared (strict-limit.ts). */
export const addRateLimit = (app: FastifyInstance, { limit, rateLimitPerSecond, rateLimitBurst }: Deps): void => {
  const windowSeconds = Math.ceil(rateLimitBurst / rateLimitPerSecond);
  const tell = makeRateLimitHeaders({ name: 'general', quota: rateLimitBurst, windowSeconds });

  app.addHook('onRequest', (request, reply, done) => {
    const decision = limit.take(clientAddress(request));
    tell(reply, decision);
    const { allowed, retryAfterSeconds } = decision;
    if (!allowed) throw new HttpError('RATE_LIMITED', 'Too many requests from this address.', { retryAfterSeconds });
    done();
  });
};
