// The handles of operators on the management port of a process, if there is a token for them.

import { maskedView } from '../../config/masked-view.ts';
import type { Config } from '../../config/schema.ts';
import { makeAddHandles } from '../../http/management/handles.ts';
import type { Readiness } from '../../lifecycle/readiness.ts';
import { makeLogLevel } from '../../observability/diagnostics/log-level.ts';
import { makeProfiles } from '../../observability/diagnostics/profiles.ts';
import { makeDiagnosticReport } from '../../observability/diagnostics/report.ts';
import { currentTrace } from '../../observability/trace-context.ts';
import { makeMemoryLimitStore } from '../../rate-limit/memory-limit-store.ts';
import type { Foundation } from '../foundation.ts';

type Deps = Pick<Foundation, 'logger' | 'metrics' | 'audit' | 'requestContext'> & {
  readonly config: Config<'service' | 'log' | 'management'>;
  readonly readiness: Readiness;
};

/** @returns undefined without a token */
export const makeHandles = ({ config, logger, metrics, audit, requestContext, readiness }: Deps) => {
  const { token, diagnosticsDir: directory } = config.management;
  // eslint-disable-next-line security/detect-possible-timing-attacks -- whether there is a token, not which
  if (token === undefined) return undefined;
  const { name: service, env, version, commit } = config.service;
  const logLevel = makeLogLevel({
    logger,
    configured: config.log.level,
    onReset: () => {
      logger.info({ logger: 'http' }, 'the configured log level is back');
    },
  });
  return makeAddHandles({
    logger: logger.child({ logger: 'http' }),
    currentTrace,
    requestContext,
    token,
    limit: makeMemoryLimitStore({ maxKeys: 1000 }),
    audit,
    logLevel,
    profiles: makeProfiles({ directory }),
    readiness,
    report: makeDiagnosticReport({
      info: { service, env, version, commit },
      registry: metrics.registry,
      logLevel: () => logLevel.state().level,
      readiness,
      config: maskedView(config),
    }),
  });
};
