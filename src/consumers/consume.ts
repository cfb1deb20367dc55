// From a message to the handler of its event. A message is handled, skipped, published as a dead letter, or rejected, so that its partition waits.
// An outage always rejects and never makes a dead letter; a message that can't be handled never blocks its partition.

import { setTimeout as pause } from 'node:timers/promises';

import { CodedError } from '../errors/coded-error.ts';
import { Unavailable } from '../errors/unavailable.ts';
import type { DecodedEvent, DecodeEvent } from '../messaging/codec.ts';
import { headerText, traceparentOf } from '../messaging/headers.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import type { IncomingMessage } from '../messaging/subscriber.ts';
import { PATHWAY_HEADER, type ContinueTrace, type DataStreams } from '../observability/trace-context.ts';
import type { ConsumerTelemetry } from './ports.ts';
import type { PublishDeadLetter } from './publish-dead-letter.ts';

export type HandleEvent = (event: DecodedEvent) => Promise<void>;

type Deps = {
  readonly decode: DecodeEvent;
  /** By event type; other types are skipped. */
  readonly handlers: Readonly<Record<string, HandleEvent>>;
  readonly deadLetter: PublishDeadLetter;
  /** Maximum attempts when the handler fails with an unexpected error, at least 1. */
  readonly attempts: number;
  /** Delays between the attempts, started again for each message. They block the partition: keep them well below the session timeout. */
  readonly backoff: () => { next(): { readonly retryInMs: number } };
  readonly telemetry: ConsumerTelemetry;
  readonly continueTrace: ContinueTrace;
  readonly dataStreams?: Pick<DataStreams, 'markConsumed'>;
};

/** A dependency of the handler is down: the same message will succeed later. */
const isTransient = (error: unknown): boolean =>
  error instanceof MessagingError
    ? error.isTransient
    : error instanceof Unavailable || (error instanceof CodedError && error.retryAfterSeconds !== undefined);

export const makeConsume = (deps: Deps) => {
  const { decode, handlers, deadLetter, attempts, backoff, telemetry, continueTrace, dataStreams } = deps;

  const handleOnce = async ({ topic }: IncomingMessage, value: Buffer): Promise<void> => {
    const event = await decode(value);
    const handle = Object.hasOwn(handlers, event.type) ? handlers[event.type] : undefined;
    if (handle === undefined) {
      telemetry.skipped({ topic });
      return;
    }
    await handle(event);
    telemetry.handled({ topic, eventType: event.type });
  };

  const handleOrDeadLetter = async (message: IncomingMessage, value: Buffer): Promise<void> => {
    const { topic, partition, offset } = message;
    const delays = backoff();
    for (let attempt = 1; ; attempt += 1) {
      try {
        await handleOnce(message, value);
        return;
      } catch (err) {
        if (isTransient(err)) throw err;
        if (err instanceof CodedError || attempt >= attempts) {
          await deadLetter(message, { err, attempts: attempt });
          return;
        }
        const { retryInMs } = delays.next();
        telemetry.retrying({ topic, partition, offset, err, attempt, retryInMs });
        await pause(retryInMs);
      }
    }
  };

  /**
   * The handler of a Subscription. Resolves when the offset may be committed: the event is handled, or the message is in the dead-letter topic.
   * @throws transient errors: a store, registry or broker is down
   */
  return async (message: IncomingMessage): Promise<void> => {
    const { topic, value, headers } = message;
    if (value === null) {
      telemetry.skipped({ topic });
      return;
    }
    const traceparent = traceparentOf(headers);
    await continueTrace({ name: 'event.consume', resource: topic, kind: 'consumer', traceparent }, () => {
      dataStreams?.markConsumed(topic, headerText(headers, PATHWAY_HEADER));
      return handleOrDeadLetter(message, value);
    });
  };
};

export type Consume = ReturnType<typeof makeConsume>;
