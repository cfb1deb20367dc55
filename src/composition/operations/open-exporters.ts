// What sends the metrics of this process, in addition to the scrape: nothing, Datadog's exporter, New Relic's agent, or both.

import { hostname } from 'node:os';
import type { Config } from '../../config/schema.ts';
import { DATADOG_EXPORTER, startDatadogPush } from '../../observability/metrics/datadog-push.ts';
import type { Metrics } from '../../observability/metrics/metrics.ts';
import { NEW_RELIC_EXPORTER, startNewRelicMetrics } from '../../observability/metrics/new-relic-metrics.ts';
import type { Log } from '../../observability/log-fields.ts';
import { agentExport } from '../../observability/trace-context.ts';

type Deps = { readonly metrics: Metrics; readonly logger: Log };
type Exporter = { close(): Promise<void> };

/** @returns their names, and `start`, which needs the metrics that count what they send */
export const chooseExporters = ({
  service: { name: service, env, version },
  telemetry,
}: Config<'service' | 'telemetry'>) => {
  const agent = agentExport();
  const apiKey = telemetry.datadogMetrics === 'push' ? telemetry.datadogApiKey : undefined;
  return {
    names: [...(apiKey === undefined ? [] : [DATADOG_EXPORTER]), ...(agent === undefined ? [] : [NEW_RELIC_EXPORTER])],
    start: (deps: Deps): Exporter[] => [
      ...(apiKey === undefined
        ? []
        : [
            startDatadogPush({
              ...deps,
              ...{ service, env, version, apiKey },
              url: telemetry.datadogApiUrl || `https://api.${telemetry.datadogSite}`,
              host: telemetry.datadogHost || hostname(),
              intervalMs: telemetry.datadogIntervalMs,
            }),
          ]),
      ...(agent === undefined ? [] : [startNewRelicMetrics({ ...agent, ...deps })]),
    ],
  };
};
