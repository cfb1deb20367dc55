// Who may use the handles: the bearer of the operators' token. Guesses are limited per address, and every refusal is in the audit log.

import { createHash, timingSafeEqual } from 'node:crypto';

import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';

import type { Audit } from '../../observability/audit/audit-log.ts';
import { LimitError } from '../../rate-limit/errors.ts';
import type { AttemptLimit } from '../../rate-limit/ports.ts';
import { clientAddress } from '../hooks/client-address.ts';
import { OperatorError } from './problems.ts';

type Deps = {
  /** The current token. */
  readonly token: () => string;
  readonly limit: AttemptLimit;
  readonly audit: Audit;
};

const GUESSES_PER_MINUTE = 5;
const BEARER = /^bearer +(\S{1,256}) *$/i;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The comparison takes the same time wherever the first difference is. */
const isSame = (given: string, expected: string): boolean => timingSafeEqual(digest(given), digest(expected));

/** An `onRequest` hook. A guess is counted before it is compared, so that guesses at the same time all count. */
export const makeAuthenticateOperator = ({ token, limit, audit }: Deps): onRequestAsyncHookHandler => {
  const refuse = (reason: 'token' | 'RATE_LIMITED'): void => {
    audit.record('management_action', { outcome: 'refused', reason, actor: { kind: 'anonymous' } });
  };
  const take = async (key: string): Promise<void> => {
    const { allowed, retryAfterSeconds } = await limit.take(key, GUESSES_PER_MINUTE);
    if (allowed) return;
    refuse('RATE_LIMITED');
    throw new LimitError(retryAfterSeconds);
  };

  return async (request: FastifyRequest) => {
    const { authorization } = request.headers;
    const given = BEARER.exec(authorization ?? '')?.[1];
    const key = clientAddress(request);
    await take(key);
    if (given !== undefined && isSame(given, token())) {
      await limit.giveBack(key);
      return;
    }
    refuse('token');
    if (given === undefined) throw new OperatorError('OPERATOR_TOKEN_MISSING', 'The token of operators is required.');
    throw new OperatorError('OPERATOR_TOKEN_INVALID', 'The token is not valid.');
  };
};
