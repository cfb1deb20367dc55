// Rate limit headers: draft-ietf-httpapi-ratelimit-headers. Each limit that counts a request adds an item to two lists.

import type { FastifyReply } from 'fastify';

import type { LimitDecision } from '../../rate-limit/ports.ts';

type Policy = { readonly name: string; readonly quota: number; readonly windowSeconds: number };

const add = (reply: FastifyReply, name: string, item: string): void => {
  const items = reply.getHeader(name);
  reply.header(name, items === undefined ? item : `${String(items)}, ${item}`);
};

/** @returns a function that adds one limit and its decision to the headers of a response */
export const makeRateLimitHeaders = ({ name, quota, windowSeconds }: Policy) => {
  const policy = `"${name}";q=${quota};w=${windowSeconds}`;
  return (reply: FastifyReply, { allowed, remaining, retryAfterSeconds }: LimitDecision): void => {
    add(reply, 'ratelimit-policy', policy);
    const wait = allowed ? '' : `;t=${Math.ceil(retryAfterSeconds)}`;
    add(reply, 'ratelimit', `"${name}";r=${remaining}${wait}`);
  };
};
