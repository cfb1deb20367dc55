import type { FastifyInstance } from 'fastify';

import { clientAddress } from '../client-address.ts';
import { HttpError } from '../errors.ts';
import type { GeneralLimit } from '../ports.ts';

/** One caller can't take the service from the others. Counted in this process; the strict limits are shared (strict-limit.ts). */
export const addRateLimit = (app: FastifyInstance, { limit }: { limit: GeneralLimit }): void => {
  app.addHook('onRequest', (request, _reply, done) => {
    const { allowed, retryAfterSeconds } = limit.take(clientAddress(request));
    if (!allowed) throw new HttpError('RATE_LIMITED', 'Too many requests from this address.', { retryAfterSeconds });
    done();
  });
};
