// What an operator can do with a running process, on the management port only. Each use is in the audit log. docs/management.md has the curl lines.

import type { FastifyInstance } from 'fastify';

import type { Audit } from '../../observability/audit/audit-log.ts';
import type { LogLevel } from '../../observability/diagnostics/log-level.ts';
import type { Profiles } from '../../observability/diagnostics/profiles.ts';
import type { DiagnosticReport } from '../../observability/diagnostics/report.ts';
import type { AttemptLimit } from '../../rate-limit/ports.ts';
import type { Api } from '../api.ts';
import { acceptOnlyJson, ignoreTypeOfNothing } from '../hooks/json-body.ts';
import type { RequestContextHooks } from '../hooks/request-context.ts';
import { makeErrorHandler } from '../problems/error-handler.ts';
import { toValidationError } from '../problems/validation.ts';
import { makeAuditAction } from './audit-action.ts';
import { addDiagnostics } from './diagnostics.ts';
import { addLogLevel } from './log-level.ts';
import { makeAuthenticateOperator } from './operator.ts';
import { MANAGEMENT_PROBLEM_TYPES } from './problems.ts';
import { addReadiness, type WithdrawableReadiness } from './readiness.ts';

export type Handles = Omit<Parameters<typeof makeErrorHandler>[0], 'problemTypes'> & {
  readonly requestContext: RequestContextHooks;
  /** The current token of operators. */
  readonly token: () => string;
  readonly limit: AttemptLimit;
  readonly audit: Audit;
  readonly logLevel: LogLevel;
  readonly report: () => Promise<DiagnosticReport>;
  readonly profiles: Profiles;
  readonly readiness: WithdrawableReadiness;
};

/** A body is a few words. */
const BODY_LIMIT_BYTES = 1024;

/** For `addHandles` of management-server.ts. */
export const makeAddHandles = (handles: Handles) => {
  const deps = { ...handles, auditAction: makeAuditAction(handles.audit) };
  return (app: FastifyInstance): void => {
    app.register(
      (scope, _options, done) => {
        const api: Api = scope.withTypeProvider();
        scope.decorateRequest('principal', null);
        scope.setErrorHandler(makeErrorHandler({ ...handles, problemTypes: MANAGEMENT_PROBLEM_TYPES }));
        scope.setSchemaErrorFormatter(toValidationError);
        acceptOnlyJson(scope);
        scope.addHook('onRoute', (route) => {
          route.bodyLimit = BODY_LIMIT_BYTES;
        });
        scope.addHook('onRequest', handles.requestContext.onRequest);
        scope.addHook('preValidation', handles.requestContext.preValidation);
        scope.addHook('onRequest', makeAuthenticateOperator(handles));
        scope.addHook('onRequest', (request, reply, next) => {
          ignoreTypeOfNothing.onRequestSync(request);
          reply.header('cache-control', 'no-store');
          next();
        });
        addLogLevel(api, deps);
        addReadiness(api, deps);
        addDiagnostics(api, deps);
        done();
      },
      { prefix: '/management' },
    );
  };
};
