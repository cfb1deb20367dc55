// The audit log of a process. A file that cannot be opened is an invalid setting: a process that keeps no audit log does not start.

import { CONFIG_EXIT_CODE, ConfigError, describeFaults } from '../../config/config-error.ts';
import type { Config } from '../../config/schema.ts';
import { codeOf } from '../../errors/coded-error.ts';
import type { Check } from '../../lifecycle/readiness.ts';
import { openAuditDestination, type AuditDestination } from '../../observability/audit/audit-destination.ts';
import { makeAuditLog, type Audit, type RequestContext } from '../../observability/audit/audit-log.ts';
import type { Log } from '../../observability/log-fields.ts';
import { currentTrace } from '../../observability/trace-context.ts';

type Deps = {
  readonly config: Config<'service' | 'audit'>;
  readonly logger: Pick<Log, 'error' | 'info'>;
  /** To standard output, in order with the application logs. */
  readonly writeThrough: (line: string) => void;
  readonly currentRequest: () => RequestContext | undefined;
};

const rejectSetting = (error: unknown): never => {
  const detail = `names a file that cannot be opened (${codeOf(error) ?? 'unknown error'})`;
  process.stderr.write(`${describeFaults(new ConfigError([{ env: 'AUDIT_LOG', detail }]))}\n`);
  process.exit(CONFIG_EXIT_CODE);
};

const openOrExit = ({ config, logger, writeThrough }: Deps): AuditDestination => {
  try {
    return openAuditDestination({
      to: config.audit.log,
      stdout: writeThrough,
      onFault: (err) => {
        logger.error({ err }, 'the file of the audit log cannot be written, its lines go to standard output');
      },
      onRecovery: () => {
        logger.info({}, 'the file of the audit log is written again');
      },
    });
  } catch (error) {
    return rejectSetting(error);
  }
};

type OpenAudit = {
  readonly audit: Audit;
  /** A readiness check of its file: without it the process is degraded, not unready. None without a file. */
  readonly checks: readonly Check[];
  readonly close: () => void;
};

export const openAudit = (deps: Deps): OpenAudit => {
  const { name: service, env, version } = deps.config.service;
  const { write, close, ...destination } = openOrExit(deps);
  const check = (): Promise<void> =>
    new Promise((resolve) => {
      destination.check();
      resolve();
    });
  const { currentRequest } = deps;
  const isFile = deps.config.audit.log.startsWith('file:');
  return {
    audit: makeAuditLog({ service, env, version, currentTrace, currentRequest, write }),
    checks: isFile ? [{ name: 'audit-log', required: false, check }] : [],
    close,
  };
};
