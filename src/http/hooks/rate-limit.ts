import type { FastifyReply, FastifyRequest } from 'fastify';

import { makeClientOf } from './client-address.ts';
import { HttpError } from '../errors.ts';
import type { GeneralLimit } from '../../rate-limit/ports.ts';
import { makeRateLimitHeaders } from './rate-limit-headers.ts';

type Deps = {
  readonly limit: GeneralLimit;
  /** These two are only reported to callers; `limit` counts. */
  readonly rateLimitPerSecond: number;
  readonly rateLimitBurst: number;
};

/** Keeps one client address from using up the service. Counted per process; the strict limits are shared (strict-limit.ts). */
export const makeRateLimit = ({ limit, rateLimitPerSecond, rateLimitBurst }: Deps) => {
  const windowSeconds = Math.ceil(rateLimitBurst / rateLimitPerSecond);
  const addHeaders = makeRateLimitHeaders({ name: 'general', quota: rateLimitBurst, windowSeconds });
  const clientOf = makeClientOf();
  return {
    onRequestSync: (request: FastifyRequest, reply: FastifyReply): void => {
      const decision = limit.take(clientOf(request).networks);
      addHeaders(reply, decision);
      const { allowed, retryAfterSeconds } = decision;
      if (!allowed) throw new HttpError('RATE_LIMITED', 'Too many requests from this address.', { retryAfterSeconds });
    },
  };
};
