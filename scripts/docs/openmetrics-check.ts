// The configuration of Datadog's OpenMetrics check, from the allow-list of metrics: for the chart's sidecar, and for the agent of Compose.

import { stringify } from 'yaml';

import {
  DATADOG_METRICS,
  type DatadogMetric,
  type DatadogType,
} from '../../src/observability/metrics/datadog-names.ts';

type Mapping = string | { readonly name: string; readonly type: 'rate' };

const HEAD = `Written by \`npm run docs\` from src/observability/metrics/datadog-names.ts; a test fails when the two differ.
 https://github.com/DataDog/integrations-core/blob/master/openmetrics/datadog_checks/openmetrics/data/conf.yaml.example`;

/** The check names a counter without \`_total\`, and would add \`.count\` to its name: as a rate it keeps the name. */
const entryOf = ([exposed, { name, type }]: readonly [string, DatadogMetric]): Record<string, Mapping> =>
  type === 'count' ? { [exposed.replace(/_total$/, '')]: { name, type: 'rate' } } : { [exposed]: name };

const metricsOf = (types: readonly DatadogType[]) =>
  [...DATADOG_METRICS].filter(([, { type }]) => types.includes(type)).map(entryOf);

/** Two instances, because whether histograms become distributions is a setting of the instance. */
const instancesOf = (endpoint: string) => {
  const common = {
    openmetrics_endpoint: endpoint,
    namespace: '',
    tag_by_endpoint: false, // a tag with the pod's address makes new series with every pod
    use_process_start_time: true, // what a process counted before the first scrape is not lost
  };
  return [
    { ...common, metrics: metricsOf(['count', 'gauge', 'buckets']) },
    { ...common, histogram_buckets_as_distributions: true, metrics: metricsOf(['distribution']) },
  ];
};

/** @param endpoints URLs of the metrics of the processes */
const checkOf = (endpoints: readonly string[]): string =>
  `${HEAD.replace(/^ ?/gm, '# ')}\n${stringify({ init_config: {}, instances: endpoints.flatMap(instancesOf) }, { lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true })}`;

/** A sidecar shares the network of its pod. The template of the annotation for the node's agent replaces the host. */
export const chartCheck = (): string => checkOf(['http://localhost:8081/metrics']);

/** notification-service has metrics of its own, which are not on the list. */
export const composeCheck = (): string =>
  checkOf(['api', 'relay', 'worker'].map((host) => `http://${host}:8081/metrics`));
