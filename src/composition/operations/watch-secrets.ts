// Reports secret files that changed, those whose content cannot be used, and those that expire. The process goes on with the last valid content, so it is degraded, not unready.

import { reReadSettings, type ReReadSetting } from '../../config/read-secret.ts';
import type { ContentFault } from '../../config/secret-file.ts';
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
  /** Unix time in seconds. */
  readonly now?: () => number;
};

const unixSeconds = (): number => Date.now() / 1000;

/** Unix seconds; undefined for a secret that does not expire, or does not say when. */
const expiryOf = (value: unknown): number | undefined =>
  (value as { readonly expiresAt?: number } | null | undefined)?.expiresAt;

/** Whoever renews a secret, as Vault's agent does when about a quarter of the lease is left, has failed when less than this is left. */
const RENEWED_BEFORE = 0.05;

type Expiring = { readonly expiresAt: number };

/** @returns for a value that is used from now on: the fault that it has once it expires soon */
const makeExpiry = (value: unknown, now: () => number) => {
  const expiresAt = expiryOf(value);
  const fault = expiresAt === undefined ? undefined : { expiresAt };
  const margin = ((expiresAt ?? 0) - now()) * RENEWED_BEFORE;
  return {
    expiresAt,
    fault: (): Expiring | undefined => (expiresAt !== undefined && now() >= expiresAt - margin ? fault : undefined),
  };
};

const watchSecret = (read: ReReadSetting, { logger, metrics, audit, now = unixSeconds }: Deps) => {
  const { setting } = read;
  const target = { kind: 'setting', id: setting } as const;
  let inUse = read();
  let expiry = makeExpiry(inUse, now);
  const reportFault = makeFaultReporter({
    onFault: ({ detail }: ContentFault) => {
      logger.error({ setting, reason: detail }, 'secret file is not valid, the last valid content stays in use');
      audit.record('sys_secret_changed', { outcome: 'refused', reason: 'invalid', target });
    },
    onEnd: () => {
      logger.info({ setting }, 'secret file is valid again');
    },
  });
  const reportExpiry = makeFaultReporter<Expiring>({
    onFault: () => {
      logger.error({ setting }, 'secret expires and was not renewed');
    },
    onEnd: () => {
      logger.info({ setting }, 'secret was renewed');
    },
  });
  const use = (value: unknown): void => {
    audit.record('sys_secret_changed', { outcome: 'success', target });
    inUse = value;
    expiry = makeExpiry(value, now);
  };

  /** @returns what is wrong with it, undefined when nothing is */
  return (): string | undefined => {
    read.refresh();
    const [fault, value] = [read.fault(), read()];
    if (value !== inUse) use(value); // unchanged content keeps its value
    metrics.configSecretValid.set({ setting }, fault === undefined ? 1 : 0);
    if (expiry.expiresAt === undefined) metrics.configSecretExpiry.remove({ setting });
    else metrics.configSecretExpiry.set({ setting }, expiry.expiresAt);
    reportFault(fault);
    reportExpiry(expiry.fault());
    if (fault !== undefined) return 'the content of a secret file is not valid';
    return expiry.fault() && 'a secret expires and was not renewed';
  };
};

/**
 * A readiness check that reads changed files, sets gauges per setting, and writes one line per content that is not valid or expires, and one when
 * that is over. Names the files that every account may read in a warning, once each.
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
      const [reason] = watched.map((faultOf) => faultOf()).filter((fault) => fault !== undefined);
      return reason === undefined ? Promise.resolve() : Promise.reject(new Error(reason));
    },
  };
};
