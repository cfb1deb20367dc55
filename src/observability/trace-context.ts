// How the rest of the process learns about the trace that it is in, without importing a tracer: the preload (tracer.ts) runs in
// its own module graph and leaves one object on globalThis. That is the one piece of global state here; nothing else can join them.

/** As Datadog wants them in a log line: trace id in 32 hex digits, span id in decimal digits. */
export type Trace = { readonly traceId: string; readonly spanId: string };

export type PublishedTracer = {
  currentTrace(): Trace | undefined;
  /** Sends the spans that have ended. Never rejects, and gives up after half a second. */
  flush(): Promise<void>;
};

export const TRACER = Symbol.for('user-service.tracer');

const published = (): PublishedTracer | undefined => Reflect.get(globalThis, TRACER) as PublishedTracer | undefined;

/** The trace of the running request, undefined outside of one and when no tracer was preloaded. */
export const currentTrace = (): Trace | undefined => published()?.currentTrace();

/** The last step but one of a shutdown, before the logs. */
export const flushTraces = async (): Promise<void> => {
  await published()?.flush();
};
