// Publishes one batch of rows. Returns exactly the rows that were acknowledged, and those that can never be published.

import type { EncodeEvent } from '../messaging/codec.ts';
import { headersOf } from '../messaging/headers.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import type { OutgoingMessage, Publisher } from '../messaging/publisher.ts';
import { PATHWAY_HEADER, type ContinueTrace, type DataStreams } from '../observability/trace-context.ts';
import type { OutboxRow } from './ports.ts';

type Deps = {
  readonly encode: EncodeEvent;
  /** The topic of an event type. @throws MessagingError EVENT_UNENCODABLE */
  readonly topicOf: (type: string) => string;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly continueTrace: ContinueTrace;
  readonly currentTraceparent: () => string | undefined;
  readonly dataStreams?: Pick<DataStreams, 'markProduced'>;
};

type Routed = { readonly row: OutboxRow; readonly topic: string };
type Encoded = Routed & { readonly message: OutgoingMessage };
export type Rejected = { readonly row: OutboxRow; readonly reason: string };

export type BatchOutcome = {
  readonly acknowledged: readonly Routed[];
  readonly rejected: readonly Rejected[];
  /** Why the remaining rows must be retried. */
  readonly failure?: Error;
};

const isPermanent = (error: unknown): error is MessagingError => error instanceof MessagingError && !error.isTransient;

export const makePublishBatch = (deps: Deps) => {
  const { encode, topicOf, publisher, continueTrace, currentTraceparent, dataStreams } = deps;

  /** Continues the trace of the request that wrote the row, and passes it on in the headers. */
  const toMessage = (row: OutboxRow, topic: string): Promise<OutgoingMessage> => {
    const { type, key, eventId, payload, traceparent } = row;
    const work = { name: 'outbox.publish', resource: type, kind: 'producer', traceparent } as const;
    return continueTrace(work, async () => {
      const nextTraceparent = currentTraceparent() ?? traceparent;
      const pathway = dataStreams?.markProduced(topic);
      const headers = headersOf({
        'event-id': eventId,
        'event-type': type,
        ...(nextTraceparent && { traceparent: nextTraceparent }),
        ...(pathway && { [PATHWAY_HEADER]: pathway }),
      });
      return { key: Buffer.from(key), value: await encode(type, payload), headers };
    });
  };

  /** Stops a key at its first row that can't be encoded: its later rows stay in the table. */
  const encodeAll = async (rows: readonly OutboxRow[]): Promise<{ encoded: Encoded[]; rejected: Rejected[] }> => {
    const [encoded, rejected]: [Encoded[], Rejected[]] = [[], []];
    const stopped = new Set<string>();
    for (const row of rows.filter(({ key }) => !stopped.has(key))) {
      try {
        if (stopped.has(row.key)) continue;
        const topic = topicOf(row.type);
        encoded.push({ row, topic, message: await toMessage(row, topic) });
      } catch (error) {
        if (!isPermanent(error)) throw error;
        stopped.add(row.key);
        rejected.push({ row, reason: error.message });
      }
    }
    return { encoded, rejected };
  };

  /** After a batch was rejected, finds the message that the broker will never accept. */
  const sendOneByOne = async (topic: string, batch: readonly Encoded[]): Promise<BatchOutcome> => {
    const [acknowledged, rejected]: [Routed[], Rejected[]] = [[], []];
    for (const { row, message } of batch) {
      if (rejected.some((other) => other.row.key === row.key)) continue;
      try {
        await publisher.publish(topic, [message]);
        acknowledged.push({ row, topic });
      } catch (error) {
        if (!isPermanent(error)) return { acknowledged, rejected, failure: error as Error };
        rejected.push({ row, reason: error.message });
      }
    }
    return { acknowledged, rejected };
  };

  const send = async (topic: string, batch: readonly Encoded[]): Promise<BatchOutcome> => {
    try {
      await publisher.publish(
        topic,
        batch.map(({ message }) => message),
      );
      return { acknowledged: batch, rejected: [] };
    } catch (error) {
      return isPermanent(error)
        ? sendOneByOne(topic, batch)
        : { acknowledged: [], rejected: [], failure: error as Error };
    }
  };

  /** Topics are published concurrently, they share no key. Errors of a row or of the broker are part of the outcome. */
  return async (rows: readonly OutboxRow[]): Promise<BatchOutcome> => {
    const { encoded, rejected } = await encodeAll(rows);
    const topics = Map.groupBy(encoded, ({ topic }) => topic);
    const outcomes = await Promise.all([...topics].map(([topic, batch]) => send(topic, batch)));
    const failed = outcomes.find(({ failure }) => failure !== undefined);
    return {
      acknowledged: outcomes.flatMap((outcome) => outcome.acknowledged),
      rejected: [...rejected, ...outcomes.flatMap((outcome) => outcome.rejected)],
      ...(failed?.failure && { failure: failed.failure }),
    };
  };
};

export type PublishBatch = ReturnType<typeof makePublishBatch>;
