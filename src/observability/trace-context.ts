// How the rest of the process learns about the trace that it is in, without importing a tracer: the preload (tracer.ts) runs in
// its own module graph and leaves one object on globalThis. That is the one piece of global state here; nothing else can join them.

/** As Datadog wants them in a log line: trace id in 32 hex digits, span id in decimal digits. */
export type Trace = { readonly traceId: string; readonly spanId: string };

/** A piece of work in another process's trace. */
export type ContinuedWork = {
  /** Of the span, e.g. `outbox.publish`. */
  readonly name: string;
  /** What is worked on: a topic, an event type. Never an id. */
  readonly resource: string;
  readonly kind: 'producer' | 'consumer';
  /** W3C trace context of what caused it; without one a new trace begins. */
  readonly traceparent: string | undefined;
};

export type PublishedTracer = {
  currentTrace(): Trace | undefined;
  currentTraceparent(): string | undefined;
  continueTrace<T>(work: ContinuedWork, run: () => T): T;
  /** Sends the spans that have ended. Never rejects, and gives up after half a second. */
  flush(): Promise<void>;
};

export const TRACER = Symbol.for('user-service.tracer');

const published = (): PublishedTracer | undefined => Reflect.get(globalThis, TRACER) as PublishedTracer | undefined;

/** The trace of the running request, undefined outside of one and when no tracer was preloaded. */
export const currentTrace = (): Trace | undefined => published()?.currentTrace();

/** The running trace in W3C form, to be carried through a row or a message; https://www.w3.org/TR/trace-context/ */
export const currentTraceparent = (): string | undefined => published()?.currentTraceparent();

/** Runs `run` in a span whose parent is in another process; ends the span when the result, or its promise, is there. */
export const continueTrace = <T>(work: ContinuedWork, run: () => T): T => {
  const tracer = published();
  return tracer === undefined ? run() : tracer.continueTrace(work, run);
};

export type ContinueTrace = typeof continueTrace;

/** The last step but one of a shutdown, before the logs. */
export const flushTraces = async (): Promise<void> => {
  await published()?.flush();
};
