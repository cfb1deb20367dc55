// The same objectives and causes for Datadog: bodies of `POST /api/v1/slo` and `POST /api/v1/monitor`, which Terraform takes as they are
// (`datadog_monitor_json`). Datadog limits what a burn-rate alert can say, see docs/slo.md.

import { DATADOG_METRICS } from '../../src/observability/metrics/datadog-names.ts';
import { escalationSummary, roleOf } from '../oncall/escalation.ts';
import { readOnCall } from '../oncall/read-oncall.ts';
import { alertName, burnName, runbookOf } from './alerts.ts';
import {
  isGauge,
  readCauses,
  readSlos,
  type Cause,
  type HistogramSli,
  type Severity,
  type Slo,
  type SloFile,
} from './definitions.ts';
import { datadogOf, inverted } from './selectors.ts';
import { BURNS, type Burn } from './windows.ts';

/** Terraform's `replace()` fills in the environment and, when an objective was created, its id. */
const ENV = '$' + '{env}';
const sloId = (name: string): string => '$' + `{slo_${name.replaceAll('-', '_')}}`;

const scopeOf = ({ service }: SloFile): string => `service:${service},env:${ENV}`;

const nameOf = (metric: string): string => {
  const found = DATADOG_METRICS.get(metric);
  if (found === undefined) throw new Error(`Datadog does not get ${metric}: add it to datadog-names.ts`);
  return found.name;
};

const within = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(',');

/** Good and all events. Of a distribution, Datadog counts the values up to a limit itself. */
const countsOf = ({ histogram, valid, failed, within: limit }: HistogramSli, scope: string) => {
  const name = nameOf(histogram);
  const all = within(scope, datadogOf(valid));
  const good = within(scope, datadogOf(valid, failed === undefined ? undefined : inverted(failed)));
  if (DATADOG_METRICS.get(histogram)?.type === 'distribution')
    return {
      numerator: `count(v: v<=${limit ?? 0}):${name}{${good}}.as_count()`,
      denominator: `count:${name}{${all}}.as_count()`,
    };
  const denominator = `sum:${name}.count{${all}}.as_count()`;
  if (limit === undefined) return { numerator: `sum:${name}.count{${good}}.as_count()`, denominator };
  const bucket = within(good, `upper_bound:${limit}`);
  return { numerator: `sum:${name}.bucket{${bucket}}.as_count()`, denominator };
};

const sliOf = ({ sli }: Slo, scope: string): object =>
  isGauge(sli)
    ? {
        type: 'time_slice',
        sli_specification: {
          time_slice: {
            query: {
              formulas: [{ formula: 'age' }],
              queries: [{ data_source: 'metrics', name: 'age', query: `max:${nameOf(sli.gauge)}{${scope}}` }],
            },
            comparator: '<=',
            threshold: sli.most,
            query_interval_seconds: 60,
          },
        },
      }
    : { type: 'metric', query: countsOf(sli, scope) };

const tagsOf = ({ service, owner }: SloFile, severity?: Severity): string[] => [
  `service:${service}`,
  `env:${ENV}`,
  `team:${owner}`,
  ...(severity === undefined ? [] : [`severity:${severity}`]),
];

export const datadogSlos = (file = readSlos()): object[] =>
  file.slos.map((slo) => ({
    name: `${file.service} ${slo.name}: ${slo.title}`,
    description: `${slo.description}\n\nValid: ${slo.valid}\n\nFailures: ${slo.failures}`,
    tags: [...tagsOf(file), `slo:${slo.name}`],
    ...sliOf(slo, scopeOf(file)),
    thresholds: [{ timeframe: `${file.period_days}d`, target: slo.objective }],
  }));

/** A page calls the primary, a ticket goes to the queue of the team. */
const messageOf = ({ runbooks, owner }: SloFile, name: string, text: string, severity: Severity): string => {
  const onCall = readOnCall();
  const handle = severity === 'page' ? roleOf(onCall, 'primary').handle : `${owner}-${severity}`;
  const escalation = escalationSummary(onCall, name, severity);
  return `${text}\n\nRunbook: ${runbookOf(runbooks, name)}\nOwner: ${owner}\nEscalation: ${escalation}\n@${handle}`;
};

/** A long window has at most 48 hours, and the short one is a twelfth of it. */
const DATADOG_WINDOWS: ReadonlyMap<string, readonly [long: string, short: string]> = new Map([
  ['1d', ['24h', '2h']],
  ['3d', ['48h', '4h']],
]);

const burnMonitor = (file: SloFile, slo: Slo, { severity, factor, long, short }: Burn): object => {
  const [longest, shortest] = DATADOG_WINDOWS.get(long) ?? [long, short];
  const windows = `.over("${file.period_days}d").long_window("${longest}").short_window("${shortest}")`;
  const text = `The error budget is used up ${factor} times as fast as allowed: ${slo.title}. ${slo.failures}`;
  return {
    name: `${alertName(burnName(slo))} (${severity}, ${factor}x)`,
    type: 'slo alert',
    query: `burn_rate("${sloId(slo.name)}")${windows} > ${factor}`,
    message: messageOf(file, burnName(slo), text, severity),
    tags: [...tagsOf(file, severity), `slo:${slo.name}`],
    priority: severity === 'page' ? 1 : 3,
    options: { thresholds: { critical: factor }, include_tags: true },
  };
};

/** `{{ $labels.topic }}` of Prometheus is `{{topic.name}}` here, and `{{ $value … }}` is `{{value}}`. */
const textOf = ({ summary, description }: Cause): string =>
  `${summary}. ${description
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '{{$1.name}}')
    .replaceAll(/\{\{ \$value[^}]*\}\}/g, '{{value}}')}`;

const thresholdOf = (query: string): number => Number(query.split(' ').at(-1));

const causeMonitor = (file: SloFile, cause: Cause): object[] => {
  if (cause.datadog === undefined) return [];
  const query = cause.datadog.query.replaceAll('$scope', () => scopeOf(file));
  return [
    {
      name: alertName(cause.name),
      type: 'query alert',
      query,
      message: messageOf(file, cause.name, textOf(cause), cause.severity),
      tags: tagsOf(file, cause.severity),
      priority: cause.severity === 'page' ? 1 : 3,
      options: {
        thresholds: { critical: thresholdOf(query) },
        include_tags: true,
        on_missing_data: cause.datadog.absent === true ? 'show_and_notify_no_data' : 'default',
      },
    },
  ];
};

export const datadogMonitors = (file = readSlos()): object[] => [
  ...file.slos.flatMap((slo) => BURNS.map((burn) => burnMonitor(file, slo, burn))),
  ...readCauses().flatMap((cause) => causeMonitor(file, cause)),
];

const write = (documents: readonly object[]): string => `${JSON.stringify(documents, undefined, 2)}\n`;

export const datadogSloFile = (): string => write(datadogSlos());
export const datadogMonitorFile = (): string => write(datadogMonitors());
