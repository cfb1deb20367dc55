// Preloaded, `node --import ./src/observability/tracer.ts …`, so that dd-trace can wrap each library before it is imported.
// Nothing imports this file: trace-context.ts finds what it publishes. With DD_TRACE_ENABLED=false dd-trace is not even loaded.

import type { Span } from 'dd-trace';

import { TRACER, type PublishedTracer, type Trace } from './trace-context.ts';

const FLUSH_TIMEOUT_MS = 500;

/** Side channels of dd-trace that need an agent. Who runs one can turn them on by the same names. */
const OFF_UNLESS_ASKED_FOR = {
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  DD_CRASHTRACKING_ENABLED: 'false',
};

// What dd-trace's types leave out: ids in 128 bits, and the only way to know that the last spans have left.
type Context = { toTraceId(in128Bits?: boolean): string; toSpanId(): string };
type Flushing = { readonly _tracer?: { flushAll?(done: () => void, options: { timeout: number }): void } };

const NO_UPPER_HALF = '0'.repeat(16);

/** As dd-trace's own log injection has it: 32 hex digits, or decimal for a trace that began elsewhere with 64 bits. */
const toTrace = (context: Context): Trace => {
  const hex = context.toTraceId(true);
  return { traceId: hex.startsWith(NO_UPPER_HALF) ? context.toTraceId() : hex, spanId: context.toSpanId() };
};

const { env } = process;

const start = async (): Promise<PublishedTracer> => {
  Object.assign(env, { ...OFF_UNLESS_ASKED_FOR, ...env });
  // @ts-expect-error -- it ships no types; it registers the hook that wraps ES modules
  await import('dd-trace/register.js');
  const { tracer } = await import('dd-trace');
  tracer.init({
    service: env.DD_SERVICE ?? 'user-service',
    env: env.DD_ENV ?? 'local',
    version: env.DD_VERSION ?? 'unknown',
    logInjection: false, // the logger writes the ids, and only for lines that are written
    runtimeMetrics: false, // prom-client has them
    startupLogs: false,
  });
  // it would give each batch a trace of its own; ours continue the trace of each event, see outbox/ and consumers/
  tracer.use('kafkajs', false);
  const traceparentOf = (span: Span): string | undefined => {
    const carrier: { traceparent?: string } = {};
    tracer.inject(span, 'text_map', carrier);
    return carrier.traceparent;
  };
  return {
    currentTrace: () => {
      const span = tracer.scope().active();
      return span === null ? undefined : toTrace(span.context());
    },
    currentTraceparent: () => {
      const span = tracer.scope().active();
      return span === null ? undefined : traceparentOf(span);
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
    flush: () =>
      new Promise((resolve) => {
        const { _tracer } = tracer as unknown as Flushing;
        if (_tracer?.flushAll === undefined) resolve();
        else _tracer.flushAll(resolve, { timeout: FLUSH_TIMEOUT_MS });
      }),
  };
};

if (env.DD_TRACE_ENABLED !== 'false') Object.assign(globalThis, { [TRACER]: await start() });
