import { Type } from 'typebox';
import { CodedError } from '../../errors/coded-error.ts';
import { choice, host, integer, optionalSecret, text, url } from '../setting.ts';

/** It becomes the value of a header. */
const parseApiKey = (key: string): string => {
  if (/^[\x21-\x7e]{1,256}$/.test(key)) return key;
  throw new CodedError('SECRET_INVALID', 'is not an API key: it must be at most 256 visible ASCII characters');
};

export const telemetry = Type.Object(
  {
    apm: choice('APM', ['datadog', 'newrelic', 'none'], {
      default: 'datadog',
      description: 'The agent that makes spans. The preload reads it before any other module is loaded.',
    }),
    datadogMetrics: choice('DATADOG_METRICS', ['push', 'off'], {
      default: 'off',
      description:
        '`push`: this process sends its metrics to Datadog, for where no agent runs. `off`: an agent, or Prometheus, scrapes them.',
    }),
    datadogIntervalMs: integer('DATADOG_METRICS_INTERVAL_MS', {
      default: 10_000,
      minimum: 1000,
      maximum: 60_000,
      description: 'Time between two pushes. A process that is killed loses what it counted since the last one.',
    }),
    datadogApiUrl: url('DATADOG_API_URL', {
      default: '',
      pattern: String.raw`^(?:|https?://[^\s/?#@\\]+(?:/[^\s?#@\\]*[^\s?#@/\\])?)$`,
      expected: 'an http(s) URL without user information, query, fragment or slash at the end',
      description: 'Base URL of a proxy to push to. Empty: `https://api.<DD_SITE>`.',
    }),
    datadogSite: host('DD_SITE', {
      default: 'datadoghq.eu',
      description: 'The site of Datadog that the account is on.',
    }),
    datadogHost: text('DD_HOSTNAME', {
      default: '',
      description:
        'Host of the pushed metrics. Processes that push must not share one. Empty: the host name, which is that of the pod or container.',
    }),
    datadogApiKey: optionalSecret('DD_API_KEY', {
      parse: parseApiKey,
      description: 'API key for pushing metrics; it needs no application key. A new file is used at once.',
    }),
  },
  { description: 'Where spans and metrics go.' },
);
