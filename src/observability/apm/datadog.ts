// The tracer of APM=datadog. Only the preload (tracer.ts) imports it: nothing of the service may load dd-trace.

import type { Span } from 'dd-trace';

import { variable } from '../../config/environment.ts';
import { packageVersion } from '../../config/package-version.ts';
import { makeLinkHook, restrictFeatures, restrictSpans } from '../spans/datadog.ts';
import type { IncomingContext } from '../spans/incoming-context.ts';
import type { PublishedTracer, Trace } from '../trace-context.ts';
import { makeDataStreams } from './data-streams.ts';

const FLUSH_TIMEOUT_MS = 500;

// Missing in dd-trace's types: ids in 128 bits, and the only way to wait until the last spans are sent.
type Context = { toTraceId(in128Bits?: boolean): string; toSpanId(): string };
type Flushing = { readonly _tracer?: { flushAll?(done: () => void, options: { timeout: number }): void } };

const NO_UPPER_HALF = '0'.repeat(16);

/** The format of dd-trace's log injection: 32 hex digits, or decimal for a trace that another service started with 64 bits. */
const toTrace = (context: Context): Trace => {
  const hex = context.toTraceId(true);
  return { traceId: hex.startsWith(NO_UPPER_HALF) ? context.toTraceId() : hex, spanId: context.toSpanId() };
};

/**
 * Loads and starts dd-trace.
 * @param env the variables of the process; dd-trace reads them, and those that would send more than spans/ allows are overwritten
 */
export const startDatadog = async (
  env: Record<string, string | undefined>,
  callers: IncomingContext,
): Promise<PublishedTracer> => {
  restrictFeatures(env);
  // @ts-expect-error -- it has no types; it registers the hook that instruments ES modules
  await import('dd-trace/register.js');
  const { tracer } = await import('dd-trace');
  const service = variable(env, 'DD_SERVICE') ?? 'user-service';
  tracer.init({
    service,
    env: variable(env, 'DD_ENV') ?? 'local',
    version: variable(env, 'DD_VERSION') ?? packageVersion() ?? 'unknown',
    logInjection: false, // the logger adds the ids, only to lines that are written
    runtimeMetrics: false, // prom-client collects them
    startupLogs: false,
  });
  restrictSpans(tracer, service);
  const hooks = { request: makeLinkHook(callers.foreignSpanOf, (format, carrier) => tracer.extract(format, carrier)) };
  tracer.use('http', { server: { hooks } });
  tracer.use('fastify', { hooks });
  // it would start a trace per batch; outbox/ and consumers/ continue the trace of each event
  tracer.use('kafkajs', false);
  // a push of metrics is no request of anybody's: it would be a trace of its own each 10 s
  tracer.use('fetch', { blocklist: [/\/api\/v[12]\/(?:series|distribution_points)$/] });
  const currentTrace = (): Trace | undefined => {
    const span = tracer.scope().active();
    return span === null ? undefined : toTrace(span.context());
  };
  const traceparentOf = (span: Span): string | undefined => {
    const carrier: { traceparent?: string } = {};
    tracer.inject(span, 'text_map', carrier);
    return carrier.traceparent;
  };
  return {
    currentTrace,
    logFields: () => {
      const trace = currentTrace();
      return trace === undefined ? {} : { 'dd.trace_id': trace.traceId, 'dd.span_id': trace.spanId };
    },
    currentTraceparent: () => {
      const span = tracer.scope().active();
      return span === null ? undefined : traceparentOf(span);
    },
    tagSpan: (name, value) => {
      tracer.scope().active()?.setTag(name, value);
    },
    continueTrace: ({ name, resource, kind, traceparent }, run) => {
      const parent = traceparent === undefined ? null : tracer.extract('text_map', { traceparent });
      const childOf = parent === null ? {} : { childOf: parent };
      return tracer.trace(
        name,
        { resource, tags: { 'span.kind': kind, 'messaging.system': 'kafka' }, ...childOf },
        run,
      );
    },
    ...(variable(env, 'DD_DATA_STREAMS_ENABLED') === 'true' && makeDataStreams(tracer.dataStreamsCheckpointer)),
    trustCallers: callers.trust,
    flush: () =>
      new Promise((resolve) => {
        const { _tracer } = tracer as unknown as Flushing;
        if (_tracer?.flushAll === undefined) resolve();
        else _tracer.flushAll(resolve, { timeout: FLUSH_TIMEOUT_MS });
      }),
  };
};
