// What every process opens first and closes last: logs, metrics, lifecycle.

import { hostname } from 'node:os';
import { maskedView } from '../config/masked-view.ts';
import type { Config } from '../config/schema.ts';
import { makeLifecycle } from '../lifecycle/lifecycle.ts';
import { EVENT_TOPICS } from '../messaging/event-topics.ts';
import { makeLogger } from '../observability/logger.ts';
import { DATADOG_EXPORTER, startDatadogPush } from '../observability/metrics/datadog-push.ts';
import { makeMetrics } from '../observability/metrics/metrics.ts';
import { flushTraces, traceFields } from '../observability/trace-context.ts';
import { watchSecrets } from './watch-secrets.ts';

/** @param options receivesTraffic: it is behind a load balancer, so that its shutdown waits for `drainDelayMs` */
export const makeFoundation = (
  config: Config<'service' | 'log' | 'telemetry' | 'lifecycle'>,
  { receivesTraffic }: { readonly receivesTraffic: boolean },
) => {
  const { name: service, env, version, commit } = config.service;
  const logger = makeLogger({ ...config.log, service, env, version, traceFields });
  const { telemetry } = config;
  const isPushing = telemetry.datadogMetrics === 'push';
  const topics = [...new Set(Object.values(EVENT_TOPICS))];
  const exporters = isPushing ? [DATADOG_EXPORTER] : [];
  const metrics = makeMetrics({ service, env, version, commit, topics, exporters });
  const { drainDelayMs, shutdownTimeoutMs } = config.lifecycle;
  const lifecycle = makeLifecycle({
    logger: logger.child({ logger: 'lifecycle' }),
    drainDelayMs: receivesTraffic ? drainDelayMs : 0,
    timeoutMs: shutdownTimeoutMs,
    onRejection: () => {
      metrics.unhandledRejections.inc();
    },
  });

  lifecycle.listen();
  lifecycle.add('logs', logger.close);
  lifecycle.add('traces', flushTraces);
  if (isPushing && telemetry.datadogApiKey) {
    const push = startDatadogPush({
      metrics,
      logger: logger.child({ logger: 'telemetry' }),
      service,
      env,
      version,
      apiKey: telemetry.datadogApiKey,
      url: telemetry.datadogApiUrl || `https://api.${telemetry.datadogSite}`,
      host: telemetry.datadogHost || hostname(),
      intervalMs: telemetry.datadogIntervalMs,
    });
    lifecycle.add('pushed metrics', push.close);
  }
  const configLogger = logger.child({ logger: 'config' });
  configLogger.info({ config: maskedView(config) }, 'settings');
  const secretsCheck = watchSecrets({ config, logger: configLogger, metrics });
  return { logger, metrics, lifecycle, secretsCheck };
};

export type Foundation = ReturnType<typeof makeFoundation>;
