// Compares what a process has emitted with the telemetry contract, in both directions: what is emitted is documented, what is documented is emitted.
// Each function returns one sentence per difference.

import { Value } from 'typebox/value';
import { allows, type Contract, type Metric, type Named, type Process } from '../../../scripts/telemetry/contract.ts';
import { countSeries, type Family, type Sample } from '../../../scripts/telemetry/exposition.ts';
import { AUDIT_EVENTS, type AuditEventName } from '../../../src/observability/audit/audit-events.ts';
import { schemaOf } from '../../../src/observability/audit/audit-schema.ts';
import type { Span } from './span-agent.ts';

/** The values of `identity`: service, env, version. */
export type Identity = Readonly<Record<string, string>>;

type Side = { readonly contract: Contract; readonly process: Process; readonly identity: Identity };

const unique = (sentences: readonly string[]): string[] => [...new Set(sentences)];

/** @param emitted the names of one kind, e.g. of spans */
const nameFaults = (kind: string, entries: readonly Named[], process: Process, emitted: Iterable<string>): string[] => {
  const documented = entries.filter(({ processes }) => processes.includes(process));
  const names = new Set(documented.map(({ name }) => name));
  const found = new Set(emitted);
  return [
    ...[...found].filter((name) => !names.has(name)).map((name) => `${process}: ${kind} ${name} is not documented`),
    ...documented
      .filter(({ name, when }) => when === undefined && !found.has(name))
      .map(({ name }) => `${process}: ${kind} ${name} is documented and not emitted`),
  ];
};

const identityFaults = (what: string, identity: Identity, found: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(identity)
    .filter(([name, value]) => found[name] !== value) // eslint-disable-line security/detect-object-injection -- a name of the contract
    .map(([name, value]) => `${what} has not ${name}=${value}`);

/** Labels that a series has besides its own: the identity, and the limit of a bucket. */
const ownLabels = ({ labels, name }: Sample, identity: readonly string[]): [string, string][] =>
  Object.entries(labels).filter(
    ([label]) => !identity.includes(label) && !(label === 'le' && name.endsWith('_bucket')),
  );

const labelFaults = (metric: Metric, sample: Sample, identity: readonly string[]): string[] => {
  const labels = ownLabels(sample, identity);
  const present = new Set(labels.map(([label]) => label));
  const rules = new Map(Object.entries(metric.labels));
  return [
    ...labels.flatMap(([label, value]) => {
      const rule = rules.get(label);
      if (rule === undefined) return [`has the label ${label}, which is not documented`];
      return allows(rule, value) ? [] : [`has ${label}="${value}", which is not documented`];
    }),
    ...[...rules.keys()].filter((label) => !present.has(label)).map((label) => `has a series without ${label}`),
  ];
};

const familyFaults = ({ contract, process, identity }: Side, metric: Metric, family: Family): string[] => {
  const what = `${process}: metric ${family.name}`;
  const faults = family.samples.flatMap((sample) => [
    ...labelFaults(metric, sample, contract.identity).map((fault) => `${what} ${fault}`),
    ...identityFaults(`${what}: a series`, identity, sample.labels),
  ]);
  if (family.type !== metric.type) faults.push(`${what} is a ${family.type}, documented as ${metric.type}`);
  const { length } = family.samples;
  if (length > metric.budget) faults.push(`${what} has ${length} series, budget ${metric.budget}`);
  return faults;
};

/** @param families of one scrape; those without samples do not count */
export const metricFaults = (side: Side, families: readonly Family[]): string[] => {
  const { contract, process } = side;
  const emitted = families.filter(({ samples }) => samples.length > 0);
  const ofProcess = contract.metrics.filter(({ processes }) => processes.includes(process));
  const series = countSeries(emitted);
  return unique([
    ...nameFaults(
      'metric',
      ofProcess,
      process,
      emitted.map(({ name }) => name),
    ),
    ...emitted.flatMap((family) => {
      const metric = ofProcess.find(({ name }) => name === family.name);
      return metric === undefined ? [] : familyFaults(side, metric, family);
    }),
    ...(series > contract.seriesPerProcess
      ? [`${process}: ${series} series, budget ${contract.seriesPerProcess}`]
      : []),
  ]);
};

export type LogLine = Readonly<Record<string, unknown>>;

/** Lines of JSON, with what a tracer nests in `dd` as `dd.trace_id`. @throws SyntaxError on a line that is none */
export const toLogLines = (output: string): LogLine[] =>
  output
    .split('\n')
    .filter(Boolean)
    .map((text) => {
      const { dd = {}, ...line } = JSON.parse(text) as Record<string, unknown>;
      return {
        ...line,
        ...Object.fromEntries(Object.entries(dd as object).map(([key, value]) => [`dd.${key}`, value])),
      };
    });

const isAudit = ({ log }: LogLine): boolean => log === 'audit';

/** The audit log has a schema per event instead of one list of fields. */
const auditFaults = (process: Process, identity: Identity, line: LogLine): string[] => {
  const event = String(line.event);
  if (!(event in AUDIT_EVENTS)) return [`${process}: audit event ${event} is not documented`];
  const fits = Value.Check(schemaOf(event as AuditEventName), line);
  return [
    ...(fits ? [] : [`${process}: a line of the audit event ${event} does not fit its schema`]),
    ...identityFaults(`${process}: a line of the audit log`, identity, line),
  ];
};

export const logFaults = ({ contract, process, identity }: Side, all: readonly LogLine[]): string[] => {
  const fields = Object.fromEntries(Object.entries(identity).map(([name, value]) => [`dd.${name}`, value]));
  const lines = all.filter((line) => !isAudit(line));
  return unique([
    ...nameFaults('log field', contract.logFields, process, lines.flatMap(Object.keys)),
    ...lines.flatMap((line) => identityFaults(`${process}: a log line`, fields, line)),
    ...all.filter(isAudit).flatMap((line) => auditFaults(process, identity, line)),
  ]);
};

export const spanFaults = ({ contract, process, identity }: Side, spans: readonly Span[]): string[] => {
  const attributes = spans.flatMap(({ meta, metrics }) => [...Object.keys(meta), ...Object.keys(metrics)]);
  const { service = '', ...rest } = identity;
  return unique([
    ...nameFaults(
      'span',
      contract.spans,
      process,
      spans.map(({ name }) => name),
    ),
    ...nameFaults('span attribute', contract.spanAttributes, process, attributes),
    ...spans.flatMap((span) => {
      // a tracer names the spans of a dependency after it, and gives them no version: it would be that of the dependency
      const expected = span.service === service ? rest : { env: rest.env ?? '' };
      const isOwn = span.service === service || span.service.startsWith(`${service}-`);
      const faults = identityFaults(`${process}: span ${span.name}`, expected, span.meta);
      return isOwn ? faults : [...faults, `${process}: span ${span.name} has the service ${span.service}`];
    }),
  ]);
};

/** @param values what no telemetry may contain, e.g. the name of a user */
export const privacyFaults = (
  process: Process,
  kind: string,
  emitted: unknown,
  values: readonly string[],
): string[] => {
  const text = JSON.stringify(emitted).toLowerCase();
  return values
    .filter((value) => text.includes(value.toLowerCase()))
    .map((value) => `${process}: ${kind} contains ${value}`);
};
