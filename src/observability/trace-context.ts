// The current trace, without importing a tracer: the preload (tracer.ts) runs in its own module graph and publishes one object on
// globalThis, because the two module graphs share nothing else. It is the only global state of the service.

/** As the product in use shows them: trace id in 32 hex digits, span id in decimal digits (Datadog) or 16 hex digits (New Relic). */
export type Trace = { readonly traceId: string; readonly spanId: string };

/** Work that continues the trace of another process. */
export type ContinuedWork = {
  /** Name of the span, e.g. `outbox.publish`. */
  readonly name: string;
  /** A topic or an event type, never an id. */
  readonly resource: string;
  readonly kind: 'producer' | 'consumer';
  /** W3C trace context of the cause; without one a new trace starts. */
  readonly traceparent: string | undefined;
};

export type LogIds = Readonly<Record<string, string>>;

/** What became of one request to the product. */
export type Delivery = {
  /** Why it failed, in words that hold no content; undefined when it was accepted. */
  readonly reason: string | undefined;
  /** Another attempt fails for the same reason. */
  readonly isLasting: boolean;
  /** Metrics that were accepted; that are lost. */
  readonly sent: number;
  readonly dropped: number;
};

export type Summary = {
  readonly count: number;
  readonly total: number;
  readonly min: number;
  readonly max: number;
  readonly sumOfSquares: number;
};

/** Where the agent takes metrics of the service. A name is without its prefix `Custom/`. */
export type MetricSink = {
  incrementMetric(name: string, by: number): void;
  recordMetric(name: string, value: number | Summary): void;
};

export type AgentExport = {
  readonly sink: MetricSink;
  /** Calls `listener` after each request to the product. */
  onDelivery(listener: (delivery: Delivery) => void): void;
};

/** Where a message is in its way over topics, for a product that measures the latency of that way. */
export type DataStreams = {
  /** A message is published. @returns its pathway, for the header */
  markProduced(topic: string): string | undefined;
  /** Call within the work that continues the message's trace. */
  markConsumed(topic: string, pathway: string | undefined): void;
};

/** Name of the header with the pathway, which Datadog's tracers in other services read and write. */
export const PATHWAY_HEADER = 'dd-pathway-ctx-base64';

export type PublishedTracer = Partial<DataStreams> & {
  currentTrace(): Trace | undefined;
  /** What a log line carries so that the product finds its trace, by the product's names; without ids outside of a trace. */
  logFields(): LogIds;
  currentTraceparent(): string | undefined;
  /** Sets a tag of the current span, which spans/ must allow. */
  tagSpan(name: string, value: string): void;
  continueTrace<T>(work: ContinuedWork, run: () => T): T;
  trustCallers(networks: readonly string[]): void;
  /** Sends the finished spans. Never rejects; resolves after half a second at the latest. */
  flush(): Promise<void>;
  /** Only of an agent that sends the metrics of the service too. */
  readonly takesMetrics?: AgentExport;
};

export const TRACER = Symbol.for('user-service.tracer');

const published = (): PublishedTracer | undefined => Reflect.get(globalThis, TRACER) as PublishedTracer | undefined;

/** The trace of the current request; undefined outside of a request and without a tracer. */
export const currentTrace = (): Trace | undefined => published()?.currentTrace();

const NO_IDS: LogIds = {};

/** The fields that join a log line with the current trace; none without a tracer. */
export const traceFields = (): LogIds => published()?.logFields() ?? NO_IDS;

/** The current trace as W3C `traceparent`, to store in a row or a message header; https://www.w3.org/TR/trace-context/ */
export const currentTraceparent = (): string | undefined => published()?.currentTraceparent();

/** Sets a tag of the current span: of the request or the event. The allow-list in spans/span-fields.ts must have it. */
export const tagSpan = (name: string, value: string): void => {
  published()?.tagSpan(name, value);
};

/** Runs `run` in a span whose parent is in another process; ends the span when the result, or its promise, is settled. */
export const continueTrace = <T>(work: ContinuedWork, run: () => T): T => {
  const tracer = published();
  return tracer === undefined ? run() : tracer.continueTrace(work, run);
};

/**
 * Continues the trace context of HTTP requests whose peer is in one of `networks` (addresses or CIDR blocks). Until this is called, and
 * for all others, a request starts a new trace that links to the caller's. Events always continue the trace of their cause.
 */
export const trustCallers = (networks: readonly string[]): void => {
  published()?.trustCallers(networks);
};

export type ContinueTrace = typeof continueTrace;

/** Without data streams, which are off by default, both do nothing. */
export const dataStreams: DataStreams = {
  markProduced: (topic) => published()?.markProduced?.(topic),
  markConsumed: (topic, pathway) => {
    published()?.markConsumed?.(topic, pathway);
  },
};

/** The second to last step of a shutdown, before the logs are flushed. */
export const flushTraces = async (): Promise<void> => {
  await published()?.flush();
};

/** Where the agent in use takes metrics, and how it says whether it can deliver; undefined when it takes none. */
export const agentExport = (): AgentExport | undefined => published()?.takesMetrics;
