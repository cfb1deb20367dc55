// Limits of operations that are expensive or reveal information. Guesses of passwords have a limit of their own: rate-limit/guess-limit.ts.

import { createHash } from 'node:crypto';

import type { FastifyReply, FastifyRequest } from 'fastify';

import type { AttemptLimit, LimitDecision } from '../../rate-limit/ports.ts';
import { clientOf } from './client-address.ts';
import { LimitError } from '../../rate-limit/errors.ts';
import { makeRateLimitHeaders } from './rate-limit-headers.ts';

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
type SendHook = (request: FastifyRequest, reply: FastifyReply, payload: unknown) => Promise<unknown>;
type Key = (request: FastifyRequest) => string;

const WINDOW_SECONDS = 60;
/** An office or a mobile network behind one address makes this many times the requests of one person. */
const WIDE = 30;

/** The limiter's store never sees what callers sent. */
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 27);

/** @param deps `limit` counts; `perMinute` is for one person */
export const makeStrictLimit = ({ limit, perMinute }: { limit: AttemptLimit; perMinute: number }) => {
  const report = (purpose: string, quota: number, reply: FastifyReply, decision: LimitDecision): void => {
    makeRateLimitHeaders({ name: purpose, quota, windowSeconds: WINDOW_SECONDS })(reply, decision);
    const { allowed, retryAfterSeconds } = decision;
    if (!allowed) throw new LimitError(retryAfterSeconds);
  };

  /** The widest network first. One that is at its limit ends the search, and those before it do not count the attempt. */
  const takeOfAddress = async (
    purpose: string,
    quota: number,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> => {
    const taken: string[] = [];
    for (const { key, factor } of clientOf(request).networks) {
      const decision = await limit.take(`${purpose}:${key}`, quota * factor);
      if (!decision.allowed) await Promise.all(taken.map(async (wider) => limit.giveBack(wider)));
      if (!decision.allowed || factor === 1) report(purpose, quota, reply, decision);
      taken.push(`${purpose}:${key}`);
    }
  };

  const by =
    (purpose: string, who: Key): Hook =>
    async (request, reply) => {
      report(purpose, perMinute, reply, await limit.take(`${purpose}:${who(request)}`, perMinute));
    };

  return {
    /** An `onRequest` hook: counted before the body is read. For what a person does rarely. */
    byAddress:
      (purpose: string): Hook =>
      (request, reply) =>
        takeOfAddress(purpose, perMinute, request, reply),

    /** An `onRequest` hook for what all people behind one address may do at the same time. */
    byAddressWide:
      (purpose: string): Hook =>
      (request, reply) =>
        takeOfAddress(purpose, perMinute * WIDE, request, reply),

    /** A hook after authentication: counted for the user, from any address. */
    byUser: by,

    /** A `preHandler` hook. `who` is what the caller claims to be, so his address is part of the key: he can use up no budget but his own. */
    byClaim: (purpose: string, who: Key): Hook =>
      by(purpose, (request) => `${digest(who(request))}:${clientOf(request).address}`),

    /** The same, but only responses with 401 count. */
    failuresByClaim: (purpose: string, who: Key): { preHandler: Hook; onSend: SendHook } => {
      const key: Key = (request) => `${purpose}:${digest(who(request))}:${clientOf(request).address}`;
      const taken = new WeakSet<FastifyRequest>();
      return {
        preHandler: async (request, reply) => {
          report(purpose, perMinute, reply, await limit.take(key(request), perMinute));
          taken.add(request);
        },
        onSend: async (request, reply, payload) => {
          if (taken.has(request) && reply.statusCode !== 401) await limit.giveBack(key(request));
          return payload;
        },
      };
    },
  };
};

export type StrictLimit = ReturnType<typeof makeStrictLimit>;
