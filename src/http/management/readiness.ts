import { Type } from 'typebox';

import type { ReadinessReport } from '../../lifecycle/readiness.ts';
import type { Api } from '../api.ts';
import type { AuditAction } from './audit-action.ts';

export type WithdrawableReadiness = {
  report(): ReadinessReport;
  withdraw(forMs?: number): void;
  restore(): void;
};

type Deps = { readonly readiness: WithdrawableReadiness; readonly auditAction: AuditAction };

const change = Type.Object(
  { ready: Type.Boolean(), minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440 })) },
  { additionalProperties: false },
);

/** Takes the process out of service and back; `minutes` bounds the time out of service. */
export const addReadiness = (api: Api, { readiness, auditAction }: Deps): void => {
  api.get('/readiness', () => readiness.report());

  api.put('/readiness', { schema: { body: change } }, (request) => {
    const { ready, minutes } = request.body;
    if (ready) readiness.restore();
    else readiness.withdraw(minutes === undefined ? undefined : minutes * 60_000);
    auditAction({ action: 'readiness', ready, ...(!ready && { minutes }) });
    return readiness.report();
  });
};
