import { freePort } from '../../../../test/support/free-port.ts';
import type { Drill } from '../../drill.ts';

export const drill: Drill = {
  name: 'telemetry-exporter-down',
  title: 'A release of the api pushes its metrics to a proxy that is not there.',
  alert: 'TelemetryExporterDown',
  labels: { exporter: 'datadog' },
  runbook: 'telemetry-exporter-down',
  blocks: ['exporters', 'reason', 'switch-off', 'exporters'],
  notOn: {
    compose: 'in Compose no process pushes metrics: the agent of the profile datadog reads them',
    kubectl:
      'the chart pushes metrics only with the values datadog.mode and datadog.apiKeySecret, which a release with other settings cannot replace',
  },
  question: 'Users notice nothing. What is blind now, for how long is nothing lost, and who still sees everything?',
  answer:
    'Dashboards and monitors in Datadog. Each process keeps an hour of points, at most 8 MB. Prometheus and Alertmanager see everything, because they scrape. So the ' +
    'exporter may be switched off until the proxy is there.',
  log: { process: 'api', line: /telemetry is degraded/ },
  prepare: (stack) => stack.writeSecret('dd_api_key', 'a-key-that-nobody-will-ask-for-12'),
  inject: async (stack) => {
    const url = `http://127.0.0.1:${await freePort()}`;
    await stack.deploy('api', { DATADOG_METRICS: 'push', DATADOG_METRICS_INTERVAL_MS: '1000', DATADOG_API_URL: url });
  },
  undo: (stack) => stack.deploy('api', { DATADOG_METRICS: 'off' }),
};
