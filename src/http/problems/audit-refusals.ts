// Which refused requests are security events. What a use case refuses itself, such as a wrong password, it reports itself.

import type { FastifyRequest } from 'fastify';

import { RevokedToken } from '../../auth/errors.ts';
import { codeOf, type CodedError } from '../../errors/coded-error.ts';
import type { Audit } from '../../observability/audit/audit-log.ts';
import { LimitError } from '../../rate-limit/errors.ts';

const DENIED = ['SCOPE_MISSING', 'ORDER_NEEDS_USER', 'SESSION_REQUIRED'] as const;
/** The response hides that the account exists, see users/access.ts. */
const HIDDEN = 'ACCESS_DENIED';
/** Codes of jose: the token was not signed by a key of this service. */
const FORGED = new Set(['ERR_JWS_SIGNATURE_VERIFICATION_FAILED', 'ERR_JOSE_ALG_NOT_ALLOWED']);

/** For `onProblem` of error-handler.ts. */
export const makeAuditRefusals =
  ({ record }: Audit) =>
  (error: CodedError, request: FastifyRequest): void => {
    const { code, cause } = error;
    const target = { kind: 'route', id: request.routeOptions.url } as const;
    const denied = codeOf(cause) === HIDDEN ? HIDDEN : DENIED.find((one) => one === code);
    if (error instanceof LimitError) record('excess_rate_limit_exceeded', { reason: 'RATE_LIMITED', target });
    // without a principal it is the request for a client token, which reports itself
    else if (denied !== undefined && request.principal !== null) record('authz_fail', { reason: denied, target });
    else if (cause instanceof RevokedToken)
      record('authn_token_rejected', { reason: 'revoked', target, actor: { kind: 'user', id: cause.subject } });
    else if (FORGED.has(codeOf(cause) ?? '')) record('authn_token_rejected', { reason: 'forged', target });
  };
