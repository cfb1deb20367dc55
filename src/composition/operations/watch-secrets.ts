// Reports secret files that changed, and those whose content cannot be used. The process goes on with the last valid content, so it is degraded, not unready.

import type { ContentFault } from '../../config/secret-file.ts';
import { reReadSettings, type ReReadSetting } from '../../config/read-secret.ts';
import type { Check } from '../../lifecycle/readiness.ts';
import type { Audit } from '../../observability/audit/audit-log.ts';
import type { Log } from '../../observability/log-fields.ts';
import type { Metrics } from '../../observability/metrics/metrics.ts';

type Deps = {
  readonly config: Readonly<Record<string, object>>;
  readonly logger: Pick<Log, 'info' | 'error'>;
  readonly metrics: Pick<Metrics, 'configSecretValid'>;
  readonly audit: Audit;
};

/**
 * A readiness check that reads changed files, sets a gauge per setting, and writes one line per content that is not valid and one when the content
 * is valid again.
 */
export const watchSecrets = ({ config, logger, metrics, audit }: Deps): Check => {
  const settings = reReadSettings(config);
  const reported = new Map<string, ContentFault>();
  const inUse = new Map(settings.map((read) => [read.setting, read()]));

  /** An unchanged content keeps its value, see config/secret-file.ts. */
  const auditChange = (read: ReReadSetting): void => {
    const value = read();
    if (inUse.get(read.setting) === value) return;
    inUse.set(read.setting, value);
    audit.record('sys_secret_changed', { outcome: 'success', target: { kind: 'setting', id: read.setting } });
  };

  const report = (read: ReReadSetting): boolean => {
    const { setting, fault } = read;
    const found = fault();
    auditChange(read);
    metrics.configSecretValid.set({ setting }, found === undefined ? 1 : 0);
    if (found === undefined) {
      if (reported.delete(setting)) logger.info({ setting }, 'secret file is valid again');
      return true;
    }
    if (reported.get(setting) !== found) {
      logger.error({ setting, reason: found.detail }, 'secret file is not valid, the last valid content stays in use');
      const target = { kind: 'setting', id: setting } as const;
      audit.record('sys_secret_changed', { outcome: 'refused', reason: 'invalid', target });
    }
    reported.set(setting, found);
    return false;
  };

  return {
    name: 'secrets',
    required: false,
    check: () =>
      settings.map(report).every(Boolean)
        ? Promise.resolve()
        : Promise.reject(new Error('the content of a secret file is not valid')),
  };
};
