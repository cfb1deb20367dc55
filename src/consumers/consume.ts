// From the broker to the handler of an event, and every way that this can end: done, skipped, set aside as a dead letter, or rejected, which
// lets the partition wait. An outage only ever waits; what can't be handled at all never waits. That is what keeps one from looking like the other.

import { setTimeout as pause } from 'node:timers/promises';

import { CodedError } from '../errors/coded-error.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import { Unavailable } from '../errors/unavailable.ts';
import type { ContinueTrace } from '../observability/trace-context.ts';
import type { PublishDeadLetter } from './publish-dead-letter.ts';
import type { ConsumerTelemetry } from './ports.ts';
import type { DecodedEvent, DecodeEvent } from '../messaging/codec.ts';
import type { IncomingMessage } from '../messaging/subscriber.ts';

export type HandleEvent = (event: DecodedEvent) => Promise<void>;

type Deps = {
  readonly decode: DecodeEvent;
  /** By event type; other types are skipped. */
  readonly handlers: Readonly<Record<string, HandleEvent>>;
  readonly deadLetter: PublishDeadLetter;
  /** How often a message is tried whose handler fails in a way that nobody foresaw, at least 1. */
  readonly attempts: number;
  /** A new row of waits; together they hold the partition, so keep them well below the broker's session timeout. */
  readonly backoff: () => { next(): { readonly retryInMs: number } };
  readonly telemetry: ConsumerTelemetry;
  readonly continueTrace: ContinueTrace;
};

/** A part behind the handler is down: the same message will succeed later. */
const passes = (error: unknown): boolean =>
  error instanceof MessagingError
    ? error.passes
    : error instanceof Unavailable || (error instanceof CodedError && error.retryAfterSeconds !== undefined);

export const makeConsume = ({ decode, handlers, deadLetter, attempts, backoff, telemetry, continueTrace }: Deps) => {
  const work = async ({ topic }: IncomingMessage, value: Buffer): Promise<void> => {
    const event = await decode(value);
    const handle = Object.hasOwn(handlers, event.type) ? handlers[event.type] : undefined;
    if (handle === undefined) {
      telemetry.skipped({ topic });
      return;
    }
    await handle(event);
    telemetry.handled({ topic, eventType: event.type });
  };

  const workOrSetAside = async (message: IncomingMessage, value: Buffer): Promise<void> => {
    const { topic, partition, offset } = message;
    const waits = backoff();
    for (let attempt = 1; ; attempt += 1) {
      try {
        await work(message, value);
        return;
      } catch (err) {
        if (passes(err)) throw err;
        if (err instanceof CodedError || attempt >= attempts) {
          await deadLetter(message, { err, attempts: attempt });
          return;
        }
        const { retryInMs } = waits.next();
        telemetry.retrying({ topic, partition, offset, err, attempt, retryInMs });
        await pause(retryInMs);
      }
    }
  };

  /**
   * For a Subscription. Resolves when the offset may move: the effect is there, or the message is in the dead-letter topic.
   * @throws whatever passes with time: a store, registry or broker that is down
   */
  return async (message: IncomingMessage): Promise<void> => {
    const { topic, value, headers } = message;
    if (value === null) {
      telemetry.skipped({ topic });
      return;
    }
    const { traceparent } = headers;
    await continueTrace({ name: 'event.consume', resource: topic, kind: 'consumer', traceparent }, () =>
      workOrSetAside(message, value),
    );
  };
};

export type Consume = ReturnType<typeof makeConsume>;
