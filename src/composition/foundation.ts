// What every process opens first and closes last: logs, metrics, lifecycle.

import { maskedView } from '../config/masked-view.ts';
import type { Config } from '../config/schema.ts';
import { makeRequestContext } from '../http/hooks/request-context.ts';
import { makeLifecycle } from '../lifecycle/lifecycle.ts';
import { TOPICS } from '../messaging/event-topics.ts';
import { makeLogger } from '../observability/logger.ts';
import { makeMetrics } from '../observability/metrics/metrics.ts';
import { currentTrace, flushTraces, traceFields } from '../observability/trace-context.ts';
import { openAudit } from './operations/open-audit.ts';
import { chooseExporters } from './operations/open-exporters.ts';
import { openFaults, openFaultScopes } from './operations/open-faults.ts';
import { watchSecrets } from './operations/watch-secrets.ts';

/** @param options receivesTraffic: it is behind a load balancer, so that its shutdown waits for `drainDelayMs` */
export const makeFoundation = (
  config: Config<'service' | 'log' | 'audit' | 'telemetry' | 'lifecycle' | 'faults'>,
  { receivesTraffic }: { readonly receivesTraffic: boolean },
) => {
  const { name: service, env, version, commit } = config.service;
  const { injection } = config.faults;
  const { scopes, logFields } = openFaultScopes(injection, traceFields);
  const logger = makeLogger({ ...config.log, service, env, version, traceFields: logFields });
  const requestContext = makeRequestContext();
  const audited = openAudit({
    config,
    logger: logger.child({ logger: 'audit' }),
    writeThrough: logger.writeThrough,
    currentRequest: requestContext.current,
  });
  const { audit } = audited;
  const exporters = chooseExporters(config);
  const metrics = makeMetrics({
    service,
    env,
    version,
    commit,
    topics: TOPICS,
    exporters: exporters.names,
    currentTrace,
  });
  const { drainDelayMs, shutdownTimeoutMs } = config.lifecycle;
  const lifecycle = makeLifecycle({
    logger: logger.child({ logger: 'lifecycle' }),
    drainDelayMs: receivesTraffic ? drainDelayMs : 0,
    timeoutMs: shutdownTimeoutMs,
    onReady: () => {
      audit.record('sys_startup', { details: { commit } });
    },
    onStop: (reason) => {
      audit.record('sys_shutdown', { reason: reason as 'SIGTERM' });
    },
    onRejection: () => {
      metrics.unhandledRejections.inc();
    },
  });

  lifecycle.listen();
  lifecycle.add('logs', () => {
    audited.close();
    logger.close();
  });
  lifecycle.add('traces', flushTraces);
  for (const { close } of exporters.start({ metrics, logger: logger.child({ logger: 'telemetry' }) }))
    lifecycle.add('exporters of metrics', close);
  const configLogger = logger.child({ logger: 'config' });
  configLogger.info({ config: maskedView(config) }, 'settings');
  const faults = openFaults({ text: injection, scopes, logger: configLogger, metrics });
  const secretsCheck = watchSecrets({ config, logger: configLogger, metrics, audit });
  return { logger, metrics, lifecycle, audit, requestContext, faults, ownChecks: [secretsCheck, ...audited.checks] };
};

export type Foundation = ReturnType<typeof makeFoundation>;
