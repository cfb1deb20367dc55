// Restricts dd-trace to what spans/ allows. Its public options can't do it: they differ per plugin, and a new plugin brings new tags.

import type { Span, SpanContext } from 'dd-trace';

import { variable, variables } from '../../config/environment.ts';
import { makeAllowSpan, type SpanContent } from './allow-span.ts';
import type { ForeignSpan } from './incoming-context.ts';

/** Features of dd-trace that need an agent or cost time. Enable them with the same variables. */
const DEFAULTS = {
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_CRASHTRACKING_ENABLED: 'false',
  DD_CODE_ORIGIN_FOR_SPANS_ENABLED: 'false',
  // without baggage
  DD_TRACE_PROPAGATION_STYLE: 'datadog,tracecontext',
  DD_TRACE_LEGACY_BAGGAGE_ENABLED: 'false',
};

/** Ways out of the process that pass by the exporter: bodies, variables, statements or log lines without an allow-list. */
const ALWAYS = {
  DD_AGENTLESS_LOG_SUBMISSION_ENABLED: 'false',
  DD_AI_GUARD_ENABLED: 'false',
  DD_APPSEC_ENABLED: 'false',
  DD_DYNAMIC_INSTRUMENTATION_ENABLED: 'false',
  DD_IAST_ENABLED: 'false',
  DD_LLMOBS_ENABLED: 'false',
  DD_LOGS_INJECTION: 'false',
  DD_LOGS_OTEL_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false', // could enable the others while the process runs
  DD_TELEMETRY_LOG_COLLECTION_ENABLED: 'false',
  DD_TRACE_DEBUG: 'false', // writes headers to the standard output
  DD_TRACE_STATS_COMPUTATION_ENABLED: 'false',
  OTEL_TRACES_SPAN_METRICS_ENABLED: 'false',
};

type Environment = Record<string, string | undefined>;

/** dd-trace takes some empty variables for values: an empty DD_TRACE_AGENT_PROTOCOL_VERSION turns OTLP off. Here they are not set, as for our settings. */
const removeEmpty = (env: Environment): void => {
  for (const [name, value] of Object.entries(env)) {
    // eslint-disable-next-line security/detect-object-injection, @typescript-eslint/no-dynamic-delete -- a name that the environment has
    if (value === '' && /^(?:DD|OTEL)_/.test(name)) delete env[name];
  }
};

/** Must be called before dd-trace is loaded. Warns about each variable that it overrides. */
export const restrictFeatures = (env: Environment): void => {
  removeEmpty(env);
  for (const [name, value] of Object.entries(ALWAYS)) {
    const given = variable(env, name) ?? value;
    if (given.toLowerCase() !== value)
      process.emitWarning(`${name} is ignored: it would send data that is not on the allow-list of spans`);
  }
  Object.assign(env, { ...DEFAULTS, ...variables(env), ...ALWAYS });
};

/** A span as dd-trace hands it to its exporter. `meta_struct`, `span_events` and `trace_state` are not copied. */
type ExportedSpan = SpanContent & {
  readonly trace_id: unknown;
  readonly span_id: unknown;
  readonly parent_id: unknown;
  readonly error: number;
  readonly start: number;
  readonly duration: number;
};
type Exporter = { export(spans: readonly ExportedSpan[]): void };
type Internals = {
  readonly _tracingInitialized?: boolean;
  readonly _tracer?: { readonly _exporter?: Exporter; readonly _config?: { readonly tags?: Record<string, unknown> } };
};

/**
 * Replaces the exporter's only input, whatever it sends to: an agent, or OTLP.
 * @throws Error if this release of dd-trace has no such exporter: rather no start than spans that are not restricted
 */
export const restrictSpans = (tracer: object, service: string): void => {
  const { _tracingInitialized: isTracing, _tracer: inner } = tracer as Internals;
  if (isTracing === false) return;
  const exporter = inner?._exporter;
  if (typeof exporter?.export !== 'function') throw new Error('The exporter of dd-trace can not be restricted.');
  const allow = makeAllowSpan({ service, constants: inner?._config?.tags ?? {} });
  const send = exporter.export.bind(exporter);
  exporter.export = (spans) => {
    send(
      spans.map((span) => {
        const { trace_id, span_id, parent_id, error, start, duration } = span;
        return { trace_id, span_id, parent_id, error, start, duration, ...allow(span) };
      }),
    );
  };
};

type Extract = (format: 'text_map', carrier: { traceparent: string }) => SpanContext | null;

/** @returns a hook of the plugins for servers: links a request's span to the span of a caller that is not trusted */
export const makeLinkHook =
  <R>(foreignSpanOf: (request: R) => ForeignSpan | undefined, extract: Extract) =>
  (span: Pick<Span, 'addLink'> | undefined, request: R | undefined): void => {
    const foreign = request === undefined ? undefined : foreignSpanOf(request);
    if (span === undefined || foreign === undefined) return;
    const context = extract('text_map', { traceparent: `00-${foreign.traceId}-${foreign.spanId}-00` });
    if (context !== null) span.addLink({ context, attributes: { reason: 'untrusted_caller' } });
  };
