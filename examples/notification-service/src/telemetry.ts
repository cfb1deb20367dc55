// One function per business event updates its metric and writes its log line. Ids may be logged; names, addresses and bodies never.

import { pino, type DestinationStream, type Logger } from 'pino';
import { collectDefaultMetrics, Counter, Registry } from 'prom-client';

import type { Identity } from './config.ts';
import type { Outcome } from './notify.ts';

type SerializedError = {
  readonly type: string;
  readonly message?: string;
  readonly stack?: string;
  readonly cause?: SerializedError;
};

/** Only the name, message and stack of an error and its causes: other properties may hold personal data. */
const describeError = (error: unknown): SerializedError => {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name: type, message, stack = '', cause } = error;
  return { type, message, stack, ...(cause !== undefined && { cause: describeError(cause) }) };
};

type LogOptions = { readonly level: string; readonly identity: Identity; readonly destination?: DestinationStream };

/** A preloaded tracer adds `dd.trace_id` and `dd.span_id` to each line. */
export const makeLogger = ({ level, identity: { service, env, version }, destination }: LogOptions): Logger =>
  pino(
    {
      level,
      base: { 'dd.service': service, 'dd.env': env, 'dd.version': version },
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
    },
    destination,
  );

type MessagePosition = { readonly topic: string; readonly partition: number; readonly offset: string };

const RESULTS: readonly (Outcome | 'skipped' | 'dead-lettered')[] = [
  'sent',
  'repeated',
  'nobody',
  'erased',
  'skipped',
  'dead-lettered',
];

export const makeTelemetry = ({ logger, registry }: { logger: Logger; registry: Registry }) => {
  const registers = [registry];
  const consumed = new Counter({
    name: 'events_consumed_total',
    help: 'Total consumed events by result: sent, repeated, nobody, erased, skipped or dead-lettered',
    labelNames: ['result'],
    registers,
  });
  // from 0, so that the first one is an increase
  for (const result of RESULTS) consumed.inc({ result }, 0);
  const retries = new Counter({ name: 'event_retries_total', help: 'Total retries of event handling', registers });

  return {
    /** The event was processed, or skipped because no handler exists for it. */
    handled: ({ topic, result }: { topic: string; result: Outcome | 'skipped' }): void => {
      consumed.inc({ result });
      if (result !== 'skipped') logger.info({ topic, result }, 'event handled');
    },
    retrying: (fields: MessagePosition & { err: unknown; retryInMs: number }): void => {
      retries.inc();
      logger.warn(fields, 'event handling failed, retrying');
    },
    deadLettered: (fields: MessagePosition & { errorClass: string; err: unknown }): void => {
      consumed.inc({ result: 'dead-lettered' });
      logger.error(fields, 'event dead-lettered');
    },
  };
};

export type Telemetry = ReturnType<typeof makeTelemetry>;

export const makeRegistry = (identity: Identity): Registry => {
  const registry = new Registry();
  registry.setDefaultLabels(identity);
  collectDefaultMetrics({ register: registry });
  registry.removeSingleMetric('nodejs_version_info'); // its label `version` is that of Node.js
  return registry;
};
