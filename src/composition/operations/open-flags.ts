// Opens the feature flags of a process: reads their file again when it changes, and reports what changed and content that cannot be used. With
// such content the process goes on with the last valid values, so it is degraded, not unready. It starts with the defaults rather than not at all.

import { existsSync } from 'node:fs';

import { makeSecretFile, type ContentFault } from '../../config/secret-file.ts';
import type { Config } from '../../config/schema.ts';
import { definitionOf, FLAG_KEYS, type FlagKey } from '../../flags/definitions.ts';
import { makeFeatureFlags, type EvaluationTags, type FeatureFlags } from '../../flags/feature-flags.ts';
import { MAX_FLAG_FILE_BYTES, NO_FLAGS, parseFlagFile, type FlagValues } from '../../flags/flag-file.ts';
import type { Check } from '../../lifecycle/readiness.ts';
import type { Audit } from '../../observability/audit/audit-log.ts';
import type { Log } from '../../observability/log-fields.ts';
import type { Metrics } from '../../observability/metrics/metrics.ts';
import { tagSpan } from '../../observability/trace-context.ts';
import { makeFaultReporter } from './report-faults.ts';

type Deps = {
  readonly config: Config<'featureFlags'>;
  readonly logger: { child(fields: { logger: string }): Pick<Log, 'info' | 'warn' | 'error'> };
  readonly metrics: Pick<Metrics, 'featureFlagsValid'>;
  readonly audit: Audit;
};

type OpenFlags = {
  readonly flags: FeatureFlags;
  /** A readiness check that reads a changed file. None without a file. */
  readonly checks: readonly Check[];
};

const SETTING = 'FEATURE_FLAGS_FILE';

const onEvaluation = (tags: EvaluationTags): void => {
  for (const [name, value] of Object.entries(tags)) tagSpan(name, value);
};

/** As the audit log shows it. `default`: the value is the caller's. */
const shownValue = (key: FlagKey, values: FlagValues): string => {
  const definition = definitionOf(key);
  return String(values.get(key) ?? (definition.type === 'boolean' ? definition.default : 'default'));
};

export const openFlags = async ({ config, logger: root, metrics, audit }: Deps): Promise<OpenFlags> => {
  const logger = root.child({ logger: 'flags' });
  const path = config.featureFlags.file;
  const nothing = parseFlagFile(NO_FLAGS);
  if (path === '') return { flags: await makeFeatureFlags({ read: () => nothing, onEvaluation }), checks: [] };

  const file = makeSecretFile(path, {
    parse: parseFlagFile,
    fallback: NO_FLAGS,
    startsWithFallback: true,
    mayBeWritableByAll: true, // no secret, and a mounted folder of a desktop may know no modes
    maxBytes: MAX_FLAG_FILE_BYTES,
  });
  // eslint-disable-next-line security/detect-non-literal-fs-filename -- the path is the configuration's
  if (!existsSync(path)) logger.warn({ setting: SETTING }, 'the file of feature flags is missing, defaults are in use');
  let inUse = file();

  const reportChanges = (values: FlagValues): void => {
    for (const key of FLAG_KEYS) {
      const [from, to] = [shownValue(key, inUse), shownValue(key, values)];
      if (from === to) continue;
      logger.warn({ flag: key, state: to }, 'feature flag has changed');
      audit.record('sys_feature_flag_changed', {
        target: { kind: 'feature-flag', id: key },
        details: { source: 'file', from, to },
      });
    }
    inUse = values;
  };

  const reportFault = makeFaultReporter({
    onFault: ({ detail }: ContentFault) => {
      logger.error(
        { setting: SETTING, reason: detail },
        'the file of feature flags is not valid, the last valid values stay in use',
      );
      const target = { kind: 'setting', id: SETTING } as const;
      audit.record('sys_feature_flag_changed', { outcome: 'refused', reason: 'invalid', target });
    },
    onEnd: () => {
      logger.info({ setting: SETTING }, 'the file of feature flags is valid again');
    },
  });

  const check = (): Promise<void> => {
    const fault = file.fault();
    reportChanges(file());
    metrics.featureFlagsValid.set({ setting: SETTING }, fault === undefined ? 1 : 0);
    reportFault(fault);
    return fault === undefined
      ? Promise.resolve()
      : Promise.reject(new Error('the content of the file of feature flags is not valid'));
  };

  return {
    flags: await makeFeatureFlags({ read: file, onEvaluation }),
    checks: [{ name: 'feature-flags', required: false, check }],
  };
};
