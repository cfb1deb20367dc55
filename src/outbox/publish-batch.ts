// One batch of rows onto their topics. What it gives back is exactly what was acknowledged, and what can't be published at all.

import { MessagingError } from '../messaging/messaging-error.ts';
import type { ContinueTrace } from '../observability/trace-context.ts';
import type { EncodeEvent } from '../messaging/codec.ts';
import type { OutboxRow } from './ports.ts';
import type { OutgoingMessage, Publisher } from '../messaging/publisher.ts';

type Deps = {
  readonly encode: EncodeEvent;
  /** The topic of an event type. @throws MessagingError EVENT_UNENCODABLE */
  readonly topicOf: (type: string) => string;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly continueTrace: ContinueTrace;
  readonly currentTraceparent: () => string | undefined;
};

type Routed = { readonly row: OutboxRow; readonly topic: string };
type Encoded = Routed & { readonly message: OutgoingMessage };
export type Refused = { readonly row: OutboxRow; readonly reason: string };

export type BatchOutcome = {
  readonly acknowledged: readonly Routed[];
  readonly refused: readonly Refused[];
  /** Why the rest has to be tried again. */
  readonly failure?: Error;
};

const permanent = (error: unknown): error is MessagingError => error instanceof MessagingError && !error.isTransient;

export const makePublishBatch = ({ encode, topicOf, publisher, continueTrace, currentTraceparent }: Deps) => {
  /** The message is sent in a trace that continues the one of the request, and carries it on. */
  const toMessage = (row: OutboxRow): Promise<OutgoingMessage> => {
    const { type, key, eventId, payload, traceparent } = row;
    const work = { name: 'outbox.publish', resource: type, kind: 'producer', traceparent } as const;
    return continueTrace(work, async () => {
      const onward = currentTraceparent() ?? traceparent;
      const headers = { 'event-id': eventId, 'event-type': type, ...(onward && { traceparent: onward }) };
      return { key, value: await encode(type, payload), headers };
    });
  };

  /** Stops a key at its first row that can't be encoded: later ones wait in the table. */
  const encodeAll = async (rows: readonly OutboxRow[]): Promise<{ encoded: Encoded[]; refused: Refused[] }> => {
    const [encoded, refused]: [Encoded[], Refused[]] = [[], []];
    const stopped = new Set<string>();
    for (const row of rows.filter(({ key }) => !stopped.has(key))) {
      try {
        if (!stopped.has(row.key)) encoded.push({ row, topic: topicOf(row.type), message: await toMessage(row) });
      } catch (error) {
        if (!permanent(error)) throw error;
        stopped.add(row.key);
        refused.push({ row, reason: error.message });
      }
    }
    return { encoded, refused };
  };

  /** A batch that holds a message the broker will never take is sent again one by one, to find which. */
  const sendOneByOne = async (topic: string, batch: readonly Encoded[]): Promise<BatchOutcome> => {
    const [acknowledged, refused]: [Routed[], Refused[]] = [[], []];
    for (const { row, message } of batch) {
      if (refused.some((other) => other.row.key === row.key)) continue;
      try {
        await publisher.publish(topic, [message]);
        acknowledged.push({ row, topic });
      } catch (error) {
        if (!permanent(error)) return { acknowledged, refused, failure: error as Error };
        refused.push({ row, reason: error.message });
      }
    }
    return { acknowledged, refused };
  };

  const send = async (topic: string, batch: readonly Encoded[]): Promise<BatchOutcome> => {
    try {
      await publisher.publish(
        topic,
        batch.map(({ message }) => message),
      );
      return { acknowledged: batch, refused: [] };
    } catch (error) {
      return permanent(error) ? sendOneByOne(topic, batch) : { acknowledged: [], refused: [], failure: error as Error };
    }
  };

  /** Topics go beside each other, they share no key. Never rejects for what a row or the broker did. */
  return async (rows: readonly OutboxRow[]): Promise<BatchOutcome> => {
    const { encoded, refused } = await encodeAll(rows);
    const topics = Map.groupBy(encoded, ({ topic }) => topic);
    const outcomes = await Promise.all([...topics].map(([topic, batch]) => send(topic, batch)));
    const failed = outcomes.find(({ failure }) => failure !== undefined);
    return {
      acknowledged: outcomes.flatMap((outcome) => outcome.acknowledged),
      refused: [...refused, ...outcomes.flatMap((outcome) => outcome.refused)],
      ...(failed?.failure && { failure: failed.failure }),
    };
  };
};

export type PublishBatch = ReturnType<typeof makePublishBatch>;
