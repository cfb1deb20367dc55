// What an operator can do with a running process, on the management port only. Each use is in the audit log. docs/management.md has the curl lines.

import type { FastifyInstance } from 'fastify';

import type { Audit } from '../../observability/audit/audit-log.ts';
import type { LogLevel } from '../../observability/diagnostics/log-level.ts';
import type { Profiles } from '../../observability/diagnostics/profiles.ts';
import type { DiagnosticReport } from '../../observability/diagnostics/report.ts';
import type { AttemptLimit } from '../../rate-limit/ports.ts';
import type { Api } from '../api.ts';
import { acceptOnlyJson } from '../hooks/json-body.ts';
import { addDiagnostics } from './diagnostics.ts';
import { addLogLevel } from './log-level.ts';
import { makeAuthenticateOperator } from './operator.ts';
import { addReadiness, type WithdrawableReadiness } from './readiness.ts';

export type Handles = {
  /** The current token of operators. */
  readonly token: () => string;
  readonly limit: AttemptLimit;
  readonly audit: Audit;
  readonly logLevel: LogLevel;
  readonly report: () => Promise<DiagnosticReport>;
  readonly profiles: Profiles;
  readonly readiness: WithdrawableReadiness;
};

/** Of a successful use. */
export type AuditAction = (details: Parameters<typeof recordAction>[1]) => void;

const recordAction = (
  { record }: Audit,
  details: { action: string; level?: string; ready?: boolean; minutes?: number | undefined },
): void => {
  record('management_action', { outcome: 'success', actor: { kind: 'operator' }, details });
};

export const addHandles = (app: FastifyInstance, handles: Handles): void => {
  const auditAction: AuditAction = (details) => {
    recordAction(handles.audit, details);
  };
  app.register(
    (scope, _options, done) => {
      const api: Api = scope.withTypeProvider();
      acceptOnlyJson(scope);
      api.addHook('onRequest', makeAuthenticateOperator(handles));
      api.addHook('onRequest', (_request, reply, next) => {
        reply.header('cache-control', 'no-store');
        next();
      });
      addLogLevel(api, { ...handles, auditAction });
      addReadiness(api, { ...handles, auditAction });
      addDiagnostics(api, { ...handles, auditAction });
      done();
    },
    { prefix: '/management' },
  );
};
