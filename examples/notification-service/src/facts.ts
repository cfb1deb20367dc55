// Metrics and log: each fact moves its metric and writes its line together. Ids may be logged; names, addresses and bodies never.

import { pino, type DestinationStream, type Logger } from 'pino';
import { collectDefaultMetrics, Counter, Registry } from 'prom-client';

import type { Outcome } from './notify.ts';

type Described = {
  readonly type: string;
  readonly message?: string;
  readonly stack?: string;
  readonly cause?: Described;
};

/** Name, message and stack of an error and its causes; nothing else that hangs on one. */
const describeError = (error: unknown): Described => {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name: type, message, stack = '', cause } = error;
  return { type, message, stack, ...(cause !== undefined && { cause: describeError(cause) }) };
};

/** A tracer that is preloaded adds `dd.trace_id` and `dd.span_id` to each line by itself. */
export const makeLogger = (level: string, destination?: DestinationStream): Logger =>
  pino(
    { level, base: {}, formatters: { level: (label) => ({ level: label }) }, serializers: { err: describeError } },
    destination,
  );

type Place = { readonly topic: string; readonly partition: number; readonly offset: string };

export const makeFacts = ({ logger, registry }: { logger: Logger; registry: Registry }) => {
  const registers = [registry];
  const consumed = new Counter({
    name: 'events_consumed_total',
    help: 'Events by result: sent, repeated, nobody, erased, skipped or dead-lettered',
    labelNames: ['result'],
    registers,
  });
  const retries = new Counter({ name: 'event_retries_total', help: 'Events that were tried again', registers });

  return {
    /** The effect is there, or there is none to be had. */
    handled: ({ topic, result }: { topic: string; result: Outcome | 'skipped' }): void => {
      consumed.inc({ result });
      if (result !== 'skipped') logger.info({ topic, result }, 'event handled');
    },
    retrying: (fact: Place & { err: unknown; retryInMs: number }): void => {
      retries.inc();
      logger.warn(fact, 'event not handled, trying again');
    },
    deadLettered: (fact: Place & { errorClass: string; err: unknown }): void => {
      consumed.inc({ result: 'dead-lettered' });
      logger.error(fact, 'event dead-lettered');
    },
  };
};

export type Facts = ReturnType<typeof makeFacts>;

export const makeRegistry = (): Registry => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
};
