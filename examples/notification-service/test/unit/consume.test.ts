import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';

import { makeConsume, type DeadLetter, type Message } from '../../src/consume.ts';
import { NotificationError, unavailable } from '../../src/errors.ts';
import { makeFacts } from '../../src/facts.ts';
import type { Notify } from '../../src/notify.ts';

const USER_ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';
const EVENT_ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f11';

/** In place of Avro: JSON with a field `type`. Everything else is unreadable. */
const decode = (value: Buffer) => {
  try {
    const { type, ...payload } = JSON.parse(value.toString()) as { type: string };
    return Promise.resolve({ type, payload });
  } catch {
    return Promise.reject(new NotificationError('MESSAGE_UNREADABLE', 'No event.'));
  }
};

const toBytes = (event: object | string): Buffer =>
  Buffer.from(typeof event === 'string' ? event : JSON.stringify(event));
const aMessage = (event: object | string | null): Message => ({
  topic: 'user-service.users.v1',
  partition: 2,
  offset: '41',
  key: Buffer.from(USER_ID),
  value: event === null ? null : toBytes(event),
  headers: { traceparent: 'a trace' },
});
const registered = { type: 'UserRegistered', eventId: EVENT_ID, userId: USER_ID };

/** `failures` are thrown one after the other before it succeeds. */
const arrange = (...failures: Error[]) => {
  const letters: DeadLetter[] = [];
  const count = { notified: 0, heartbeats: 0 };
  const notify: Notify = () => {
    count.notified += 1;
    const failure = failures.shift();
    return failure === undefined ? Promise.resolve('sent') : Promise.reject(failure);
  };
  const registry = new Registry();
  const closing = new AbortController();
  const consume = makeConsume({
    decode,
    notify,
    setAside: (letter) => {
      letters.push(letter);
      return Promise.resolve();
    },
    attempts: 3,
    firstRetryMs: 1,
    lastRetryMs: 2,
    facts: makeFacts({ logger: pino({ level: 'silent' }), registry }),
    signal: closing.signal,
  });
  const heartbeat = () => {
    count.heartbeats += 1;
    return Promise.resolve();
  };
  return { letters, count, closing, registry, handle: (message: Message) => consume(message, heartbeat) };
};

describe('consume', () => {
  it('notifies once when all is well', async () => {
    const { handle, count, letters } = arrange();
    await handle(aMessage(registered));
    expect({ ...count, letters }).toEqual({ notified: 1, heartbeats: 0, letters: [] });
  });

  it('waits for an outage however long it takes, alive to its group', async () => {
    const { handle, count, letters } = arrange(...Array.from({ length: 10 }, () => unavailable('down')));
    await handle(aMessage(registered));
    expect({ ...count, letters }).toEqual({ notified: 11, heartbeats: 10, letters: [] });
  });

  it('tries an unforeseen failure again, then sets the message aside as it came', async () => {
    const { handle, count, letters } = arrange(...Array.from({ length: 3 }, () => new TypeError('secret')));
    const message = aMessage(registered);
    await handle(message);
    expect(count.notified).toBe(3);
    expect(letters).toEqual([
      {
        key: message.key,
        value: message.value,
        headers: {
          traceparent: 'a trace',
          'dlq-topic': 'user-service.users.v1',
          'dlq-partition': '2',
          'dlq-offset': '41',
          'dlq-consumer': 'notification-service',
          'dlq-error': 'TypeError',
          'dlq-attempts': '3',
        },
      },
    ]);
  });

  it.each([
    ['bytes that are no event', 'no JSON', 'MESSAGE_UNREADABLE'],
    ['an id that would be a path', { ...registered, eventId: '../../etc/passwd' }, 'EVENT_FORBIDDEN'],
    [
      'an amount that is none',
      { ...registered, type: 'OrderConfirmed', orderId: EVENT_ID, amountMinor: -1 },
      'EVENT_FORBIDDEN',
    ],
  ])('sets aside at once: %s', async (_what, event, code) => {
    const { handle, count, letters } = arrange();
    await handle(aMessage(event));
    expect(letters.map(({ headers }) => headers['dlq-error'])).toEqual([code]);
    expect(count).toEqual({ notified: 0, heartbeats: 0 });
  });

  it.each([
    ['a tombstone', null],
    ['an event that means nothing here', { type: 'UserProfileChanged' }],
    ['a type that is the name of a method', { type: 'constructor' }],
  ])('skips %s', async (_what, event) => {
    const { handle, count, letters, registry } = arrange();
    await handle(aMessage(event));
    expect({ notified: count.notified, letters }).toEqual({ notified: 0, letters: [] });
    expect(await registry.metrics()).toContain('events_consumed_total{result="skipped"} 1');
  });

  it('leaves the message where it is when the process closes while it waits', async () => {
    const { handle, closing, letters } = arrange(...Array.from({ length: 10 }, () => unavailable('down')));
    closing.abort();
    await expect(handle(aMessage(registered))).rejects.toThrow('aborted');
    expect(letters).toEqual([]);
  });
});
