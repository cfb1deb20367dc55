// The tracer of APM=newrelic. Only the preload (tracer.ts) imports it: nothing of the service may load the agent.

import { pathToFileURL } from 'node:url';

import type { IncomingContext } from '../spans/incoming-context.ts';
import type { ContinuedWork, Delivery, MetricSink, PublishedTracer, Trace } from '../trace-context.ts';
import { restrictDelivery } from './new-relic-delivery.ts';
import { requireAgent, restrictEnvironment, whatIsMissing } from './new-relic-environment.ts';

const FLUSH_TIMEOUT_MS = 500;
/** EX_CONFIG, as for an invalid setting. */
const CONFIG_EXIT_CODE = 78;

type Transaction = {
  acceptDistributedTraceHeaders(transport: string, headers: object): void;
  insertDistributedTraceHeaders(headers: object): void;
};
/** The part of the agent's API that is used; the package has no types. */
type Api = MetricSink & {
  getLinkingMetadata(omitSupportability: boolean): Record<string, string>;
  /** Not `api.getTransaction()`: after it, the transaction ends only when told to. */
  readonly agent: { getTransaction(): Transaction | null };
  addCustomSpanAttribute(name: string, value: string): void;
  startBackgroundTransaction<T>(name: string, group: string, run: () => T): T;
  shutdown(options: { collectPendingData: boolean; timeout: number }, done: () => void): void;
};

/** What New Relic reads from a log line to find its trace and its entity: its names, without the constant entity.type. */
const LOG_FIELDS = ['trace.id', 'span.id', 'entity.guid', 'entity.name', 'hostname'];

const logFieldsOf = (metadata: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => LOG_FIELDS.includes(name)));

const loadAgent = async (onDelivery: (delivery: Delivery) => void): Promise<Api> => {
  restrictDelivery(onDelivery);
  const api = requireAgent('newrelic') as Api;
  await import(pathToFileURL(requireAgent.resolve('newrelic/esm-loader.mjs')).href); // instruments ES modules
  return api;
};

/** Deliveries from before somebody listens are kept: the first attempt to connect may fail while the settings are read. */
const makeDeliveries = () => {
  let last: Delivery | undefined;
  let listener: ((delivery: Delivery) => void) | undefined;
  return {
    report: (delivery: Delivery): void => {
      last = delivery;
      listener?.(delivery);
    },
    listen: (next: (delivery: Delivery) => void): void => {
      listener = next;
      if (last !== undefined) next(last);
    },
  };
};

/**
 * Loads and starts New Relic's agent. Ends the process with one line when the package or the license key is missing.
 * @param env the variables of the process; the agent reads them, and those that would send more than the allow-list are overwritten
 */
export const startNewRelic = async (
  env: Record<string, string | undefined>,
  callers: IncomingContext,
): Promise<PublishedTracer> => {
  const missing = whatIsMissing(env);
  if (missing !== undefined) {
    process.stderr.write(`${missing}\n`);
    process.exit(CONFIG_EXIT_CODE); // eslint-disable-line n/no-process-exit -- nothing has been started
  }
  restrictEnvironment(env);
  const deliveries = makeDeliveries();
  const api = await loadAgent(deliveries.report);
  const metadata = () => api.getLinkingMetadata(true);

  const currentTrace = (): Trace | undefined => {
    const { 'trace.id': traceId, 'span.id': spanId } = metadata();
    return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
  };
  const currentTraceparent = (): string | undefined => {
    if (currentTrace() === undefined) return undefined;
    const headers: { traceparent?: string } = {};
    api.agent.getTransaction()?.insertDistributedTraceHeaders(headers);
    return headers.traceparent;
  };
  const continueTrace = <T>({ name, resource, traceparent }: ContinuedWork, run: () => T): T =>
    api.startBackgroundTransaction(`${name}/${resource}`, 'Messages', () => {
      if (traceparent !== undefined)
        api.agent.getTransaction()?.acceptDistributedTraceHeaders('Kafka', { traceparent });
      return run();
    });

  return {
    currentTrace,
    logFields: () => logFieldsOf(metadata()),
    currentTraceparent,
    tagSpan: (name, value) => {
      api.addCustomSpanAttribute(name, value);
    },
    continueTrace,
    trustCallers: callers.trust,
    flush: () =>
      new Promise((resolve) => {
        setTimeout(resolve, FLUSH_TIMEOUT_MS);
        api.shutdown({ collectPendingData: true, timeout: FLUSH_TIMEOUT_MS }, resolve);
      }),
    takesMetrics: { sink: api, onDelivery: deliveries.listen },
  };
};
