// Limits guessing: attempts per client address, and per login name across all addresses, of operations that are expensive or reveal information.

import { createHash } from 'node:crypto';

import type { FastifyReply, FastifyRequest } from 'fastify';

import type { AttemptLimit } from '../../rate-limit/ports.ts';
import { clientAddress } from './client-address.ts';
import { HttpError } from '../errors.ts';
import { makeRateLimitHeaders } from './rate-limit-headers.ts';

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

const WINDOW_SECONDS = 60;

/** The limiter's store never sees a login name. */
const digest = (login: string): string => createHash('sha256').update(login.toLowerCase()).digest('base64url');

/** @param deps `perMinute` is only reported to callers; `limit` counts. */
export const makeStrictLimit = ({ limit, perMinute }: { limit: AttemptLimit; perMinute: number }) => {
  const take = async (purpose: string, who: string, reply: FastifyReply): Promise<void> => {
    const decision = await limit.take(`${purpose}:${who}`);
    makeRateLimitHeaders({ name: purpose, quota: perMinute, windowSeconds: WINDOW_SECONDS })(reply, decision);
    const { allowed, retryAfterSeconds } = decision;
    if (!allowed) throw new HttpError('RATE_LIMITED', 'Too many attempts.', { retryAfterSeconds });
  };
  return {
    /** An `onRequest` hook: counted before the body is read. */
    byAddress:
      (purpose: string): Hook =>
      (request, reply) =>
        take(purpose, clientAddress(request), reply),
    /** A `preHandler` hook of the login route: distributing guesses over many addresses does not help. */
    byLogin: ((request, reply) =>
      take('login-name', digest((request.body as { login: string }).login), reply)) satisfies Hook,
  };
};

export type StrictLimit = ReturnType<typeof makeStrictLimit>;
