import { describe, expect, it } from 'vitest';

import type { ConsumerTelemetry } from '../../../src/consumers/ports.ts';
import { makePublishDeadLetter } from '../../../src/consumers/publish-dead-letter.ts';
import { CodedError } from '../../../src/errors/coded-error.ts';
import { MessagingError } from '../../../src/messaging/messaging-error.ts';
import type { OutgoingMessage } from '../../../src/messaging/publisher.ts';
import { aMessage, makeFakePublisher, TRACE_ID, TRACEPARENT } from '../../support/fakes/consuming.ts';
import { makeTelemetryRecorder } from '../../support/fakes/telemetry.ts';
import { headersOf } from '../../../src/messaging/headers.ts';
import { headerTexts, textMessage, textsOf } from '../../support/text-message.ts';

const arrange = (reject?: (message: OutgoingMessage) => void, current?: string) => {
  const { published, publisher } = makeFakePublisher(reject);
  const { reported, telemetry } = makeTelemetryRecorder<ConsumerTelemetry>();
  const publishDeadLetter = makePublishDeadLetter({
    publisher,
    consumer: 'user-service-worker',
    telemetry,
    currentTraceparent: () => current,
  });
  return { publishDeadLetter, published, reported };
};

const unreadable = new MessagingError('MESSAGE_UNREADABLE', 'No event.');

/** A broker with a size limit for messages. */
const rejectAbove =
  (bytes: number) =>
  ({ value, key, headers }: OutgoingMessage): void => {
    const size = (value?.length ?? 0) + (key?.length ?? 0) + JSON.stringify(headerTexts({ headers })).length;
    if (size > bytes) throw new MessagingError('MESSAGE_REFUSED', 'Too large.');
  };

describe('a dead letter', () => {
  it('has the value, key and headers of its message, and headers about origin and error', async () => {
    const { publishDeadLetter, published } = arrange();
    const value = Buffer.from([0, 0, 0, 0, 9, 255, 254]);

    await publishDeadLetter(aMessage({ value }), { err: unreadable, attempts: 1 });

    expect(published.map(textsOf)).toEqual([
      {
        topic: 'user-service.orders.v1.dlq',
        key: '0190a3a0-0000-7000-8000-00000000000a',
        value,
        headers: {
          'event-id': 'e-1',
          'event-type': 'OrderPlaced',
          traceparent: TRACEPARENT,
          'dlq-topic': 'user-service.orders.v1',
          'dlq-partition': '2',
          'dlq-offset': '41',
          'dlq-timestamp': '2026-01-02T03:04:05.678Z',
          'dlq-consumer': 'user-service-worker',
          'dlq-error': 'MESSAGE_UNREADABLE',
          'dlq-reason': 'The bytes are not an event of a known schema.',
          'dlq-attempts': '1',
          'dlq-trace-id': TRACE_ID,
          'dlq-original-headers': '3',
        },
      },
    ]);
  });

  it('is reported with its error once it was acknowledged', async () => {
    const { publishDeadLetter, reported } = arrange();

    await publishDeadLetter(aMessage(), { err: unreadable, attempts: 1 });

    const at = { topic: 'user-service.orders.v1', partition: 2, offset: '41' };
    expect(reported).toEqual([['deadLettered', { ...at, errorClass: 'MESSAGE_UNREADABLE', err: unreadable }]]);
  });

  it.each([
    [
      new MessagingError('EVENT_FORBIDDEN', 'x'),
      'EVENT_FORBIDDEN',
      'The event holds a value that the service rejects.',
    ],
    [new CodedError('ORDER_UNKNOWN', 'x'), 'ORDER_UNKNOWN', 'The service rejected the event.'],
    [new TypeError('ann@example.org is not a function'), 'TypeError', 'The handler failed at each attempt.'],
    ['ann@example.org', 'Unknown', 'The handler failed at each attempt.'],
  ])('gives a constant reason for %s', async (err, error, reason) => {
    const { publishDeadLetter, published } = arrange();

    await publishDeadLetter(aMessage(), { err, attempts: 5 });

    expect(published.map(headerTexts)[0]).toMatchObject({
      'dlq-error': error,
      'dlq-reason': reason,
      'dlq-attempts': '5',
    });
    expect(JSON.stringify(published.map(headerTexts))).not.toContain('ann@example.org');
  });

  it('has no key when its message had none', async () => {
    const { publishDeadLetter, published } = arrange();

    await publishDeadLetter(aMessage({ key: null }), { err: unreadable, attempts: 1 });

    expect(published[0]?.key).toBeNull();
  });

  it('keeps headers of the message that have the names of added ones, and the added ones follow', async () => {
    const { publishDeadLetter, published } = arrange();
    const headers = headersOf({ 'dlq-redriven': '2', 'dlq-error': 'TypeError' });

    await publishDeadLetter(aMessage({ headers }), { err: unreadable, attempts: 1 });

    expect(published[0]?.headers.slice(0, 2)).toEqual(headers);
    expect(published.map(headerTexts)[0]).toMatchObject({ 'dlq-redriven': '2', 'dlq-error': 'MESSAGE_UNREADABLE' });
  });

  it.each([{}, { traceparent: 'nonsense' }])(
    'has the current trace id when the message came with %o',
    async (texts: Record<string, string>) => {
      const { publishDeadLetter, published } = arrange(undefined, TRACEPARENT);

      await publishDeadLetter(aMessage({ headers: headersOf(texts) }), { err: unreadable, attempts: 1 });

      expect(published.map(headerTexts)[0]).toHaveProperty('dlq-trace-id', TRACE_ID);
    },
  );

  it('has no trace id when there is none', async () => {
    const { publishDeadLetter, published } = arrange();

    await publishDeadLetter(aMessage({ headers: [] }), { err: unreadable, attempts: 1 });

    expect(published.map(headerTexts)[0]).not.toHaveProperty('dlq-trace-id');
  });
});

describe('a dead letter that is too large', () => {
  it('is published without its value, with a header about that', async () => {
    const { publishDeadLetter, published } = arrange(rejectAbove(2000));

    await publishDeadLetter(aMessage({ value: Buffer.alloc(1900) }), { err: unreadable, attempts: 1 });

    expect(published).toHaveLength(1);
    expect(published.map(textsOf)[0]).toMatchObject({
      key: '0190a3a0-0000-7000-8000-00000000000a',
      value: Buffer.alloc(0),
      headers: { 'dlq-value-dropped': 'true', 'dlq-offset': '41', 'event-id': 'e-1', 'dlq-trace-id': TRACE_ID },
    });
  });

  it('is published without a large key and large headers', async () => {
    const { publishDeadLetter, published } = arrange(rejectAbove(2000));
    const headers = { 'event-id': 'e'.repeat(1900), foreign: 'x' };
    const large = textMessage({ key: 'k'.repeat(1900), value: '?', headers });

    await publishDeadLetter(aMessage(large), { err: unreadable, attempts: 1 });

    expect(published.map(textsOf)[0]).toMatchObject({
      key: undefined,
      headers: { 'dlq-value-dropped': 'true', 'dlq-offset': '41' },
    });
    expect(published.map(headerTexts)[0]).not.toHaveProperty('event-id');
  });

  it('is not reported when it was not acknowledged', async () => {
    const down = new MessagingError('BROKER_UNAVAILABLE', 'No response.');
    const { publishDeadLetter, reported } = arrange(() => {
      throw down;
    });

    await expect(publishDeadLetter(aMessage(), { err: unreadable, attempts: 1 })).rejects.toBe(down);

    expect(reported).toEqual([]);
  });
});
