import type { Audit } from '../../observability/audit/audit-log.ts';

type Details = {
  readonly action: string;
  readonly level?: string;
  readonly ready?: boolean;
  readonly minutes?: number | undefined;
};

/** Records what an operator has done, when it has succeeded. */
export type AuditAction = (details: Details) => void;

export const makeAuditAction =
  ({ record }: Audit): AuditAction =>
  (details) => {
    record('management_action', { outcome: 'success', actor: { kind: 'operator' }, details });
  };
