// Reports secret files that changed, and those whose content cannot be used. The process goes on with the last valid content, so it is degraded, not unready.

import { reReadSettings, type ReReadSetting } from '../../config/read-secret.ts';
import type { Check } from '../../lifecycle/readiness.ts';
import type { Audit } from '../../observability/audit/audit-log.ts';
import type { Log } from '../../observability/log-fields.ts';
import type { Metrics } from '../../observability/metrics/metrics.ts';
import { makeFaultReporter } from './report-faults.ts';

type Deps = {
  readonly config: Readonly<Record<string, object>>;
  readonly logger: Pick<Log, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<Metrics, 'configSecretValid' | 'configSecretExpiry'>;
  readonly audit: Audit;
};

/** Unix seconds; undefined for a secret that does not expire, or does not say when. */
const expiryOf = (value: unknown): number | undefined =>
  (value as { readonly expiresAt?: number } | null | undefined)?.expiresAt;

const watchSecret = (read: ReReadSetting, { logger, metrics, audit }: Deps) => {
  const { setting } = read;
  const target = { kind: 'setting', id: setting } as const;
  let inUse = read();
  const reportFault = makeFaultReporter({
    onFault: ({ detail }) => {
      logger.error({ setting, reason: detail }, 'secret file is not valid, the last valid content stays in use');
      audit.record('sys_secret_changed', { outcome: 'refused', reason: 'invalid', target });
    },
    onValidAgain: () => {
      logger.info({ setting }, 'secret file is valid again');
    },
  });
  const showExpiry = (): void => {
    const expiresAt = expiryOf(inUse);
    if (expiresAt === undefined) metrics.configSecretExpiry.remove({ setting });
    else metrics.configSecretExpiry.set({ setting }, expiresAt);
  };

  /** @returns whether the content of the file is valid */
  return (): boolean => {
    read.refresh();
    const [fault, value] = [read.fault(), read()];
    if (value !== inUse) audit.record('sys_secret_changed', { outcome: 'success', target }); // unchanged content keeps its value
    inUse = value;
    metrics.configSecretValid.set({ setting }, fault === undefined ? 1 : 0);
    showExpiry();
    reportFault(fault);
    return fault === undefined;
  };
};

/**
 * A readiness check that reads changed files, sets gauges per setting, and writes one line per content that is not valid and one when the content
 * is valid again. Names the files that every account may read in a warning, once each.
 */
export const watchSecrets = (deps: Deps): Check => {
  const settings = reReadSettings(deps.config);
  const watched = settings.map((read) => watchSecret(read, deps));
  const warned = new Set<string>();

  const warnOfExposed = (): void => {
    const exposed = settings.filter((read) => read.isSecret && read.isReadableByAll() && !warned.has(read.setting));
    for (const { setting } of exposed) warned.add(setting);
    const names = exposed.map(({ setting }) => setting).join(', ');
    if (names !== '') deps.logger.warn({ setting: names }, 'secret files are readable by every account');
  };

  return {
    name: 'secrets',
    required: false,
    check: () => {
      warnOfExposed();
      return watched.map((isValid) => isValid()).every(Boolean)
        ? Promise.resolve()
        : Promise.reject(new Error('the content of a secret file is not valid'));
    },
  };
};
