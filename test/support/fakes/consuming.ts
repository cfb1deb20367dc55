import type { DecodeEvent } from '../../../src/messaging/codec.ts';
import { MessagingError } from '../../../src/messaging/messaging-error.ts';
import type { OutgoingMessage, Publisher } from '../../../src/messaging/publisher.ts';
import type { IncomingMessage } from '../../../src/messaging/subscriber.ts';
import { textMessage } from '../text-message.ts';

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
export const TRACEPARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`;

export const aMessage = (values: Partial<IncomingMessage> = {}): IncomingMessage => ({
  topic: 'user-service.orders.v1',
  partition: 2,
  offset: '41',
  ...textMessage({
    key: '0190a3a0-0000-7000-8000-00000000000a',
    value: '{"type":"OrderPlaced"}',
    headers: { 'event-id': 'e-1', 'event-type': 'OrderPlaced', traceparent: TRACEPARENT },
  }),
  timestamp: BigInt(Date.parse('2026-01-02T03:04:05.678Z')),
  ...values,
});

/** Instead of Avro: JSON with a field `type`. Everything else is unreadable. */
export const decodeJson: DecodeEvent = (value) => {
  try {
    const { type, ...payload } = JSON.parse(value.toString()) as { type: string };
    return Promise.resolve({ type, payload });
  } catch {
    return Promise.reject(new MessagingError('MESSAGE_UNREADABLE', 'No event.'));
  }
};

/** Records what is published; `reject` may throw instead. */
export const makeFakePublisher = (reject: (message: OutgoingMessage, topic: string) => void = () => undefined) => {
  const published: (OutgoingMessage & { topic: string })[] = [];
  const publisher: Pick<Publisher, 'publish'> = {
    publish: async (topic, messages) => {
      for (const message of messages) {
        reject(message, topic);
        published.push({ topic, ...message });
      }
      return Promise.resolve();
    },
  };
  return { published, publisher };
};
