// One function per business event updates its metric and writes its log line. Ids may be logged; names, addresses and bodies never.

import { pino, type DestinationStream, type Logger } from 'pino';
import { collectDefaultMetrics, Counter, Registry } from 'prom-client';

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

/** A preloaded tracer adds `dd.trace_id` and `dd.span_id` to each line. */
export const makeLogger = (level: string, destination?: DestinationStream): Logger =>
  pino(
    { level, base: {}, formatters: { level: (label) => ({ level: label }) }, serializers: { err: describeError } },
    destination,
  );

type MessagePosition = { readonly topic: string; readonly partition: number; readonly offset: string };

export const makeTelemetry = ({ logger, registry }: { logger: Logger; registry: Registry }) => {
  const registers = [registry];
  const consumed = new Counter({
    name: 'events_consumed_total',
    help: 'Total consumed events by result: sent, repeated, nobody, erased, skipped or dead-lettered',
    labelNames: ['result'],
    registers,
  });
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

export const makeRegistry = (): Registry => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
};
