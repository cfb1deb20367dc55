// What a consumer needs in addition to the broker and the codec, which are in messaging/.

import type { IncomingMessage } from '../messaging/subscriber.ts';

type FailedMessage = Pick<IncomingMessage, 'topic' | 'partition' | 'offset'>;

/** Telemetry of a consumer; `observability/consumer-telemetry.ts` updates the metrics and writes the log lines. */
export type ConsumerTelemetry = {
  /** The effect is written, now or by an earlier delivery. */
  handled(details: { topic: string; eventType: string }): void;
  /** A tombstone, or an event without a handler. */
  skipped(details: { topic: string }): void;
  /** The handler failed with an unexpected error; it is called again after `retryInMs`. */
  retrying(details: FailedMessage & { err: unknown; attempt: number; retryInMs: number }): void;
  /** `errorClass` is the code of a coded error, else the name of its class: few values, fit for a label. */
  deadLettered(details: FailedMessage & { errorClass: string; err: unknown }): void;
};
