import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';

import { makeConsume, type DeadLetter, type Message } from '../../src/consume.ts';
import { NotificationError, unavailable } from '../../src/errors.ts';
import type { Notify } from '../../src/notify.ts';
import { makeTelemetry } from '../../src/telemetry.ts';

const USER_ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';
const EVENT_ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f11';

/** A fake decoder: JSON with a field `type` in place of Avro. Everything else is unreadable. */
const decode = (value: Buffer) => {
  try {
    const { type, ...payload } = JSON.parse(value.toString()) as { type: string };
    return Promise.resolve({ type, payload });
  } catch {
    return Promise.reject(new NotificationError('MESSAGE_UNREADABLE', 'Not an event.'));
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

/** `notify` fails once with each of `failures`, in order, and then succeeds. */
const arrange = (...failures: Error[]) => {
  const deadLetters: DeadLetter[] = [];
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
    publishDeadLetter: (deadLetter) => {
      deadLetters.push(deadLetter);
      return Promise.resolve();
    },
    attempts: 3,
    firstRetryMs: 1,
    lastRetryMs: 2,
    telemetry: makeTelemetry({ logger: pino({ level: 'silent' }), registry }),
  });
  const heartbeat = () => {
    count.heartbeats += 1;
    return Promise.resolve();
  };
  return {
    deadLetters,
    count,
    closing,
    registry,
    handle: (message: Message) => consume(message, heartbeat, closing.signal),
  };
};

describe('consume', () => {
  it('notifies once and publishes no dead letter when handling succeeds', async () => {
    const { handle, count, deadLetters } = arrange();
    await handle(aMessage(registered));
    expect({ ...count, deadLetters }).toEqual({ notified: 1, heartbeats: 0, deadLetters: [] });
  });

  it('retries a transient failure without limit and sends a heartbeat before each retry', async () => {
    const { handle, count, deadLetters } = arrange(...Array.from({ length: 10 }, () => unavailable('down')));
    await handle(aMessage(registered));
    expect({ ...count, deadLetters }).toEqual({ notified: 11, heartbeats: 10, deadLetters: [] });
  });

  it('retries an unexpected failure, then publishes the unchanged message as a dead letter', async () => {
    const { handle, count, deadLetters } = arrange(...Array.from({ length: 3 }, () => new TypeError('secret')));
    const message = aMessage(registered);
    await handle(message);
    expect(count.notified).toBe(3);
    expect(deadLetters).toEqual([
      {
        key: message.key,
        value: message.value,
        headers: {
          traceparent: ['a trace'],
          'dlq-topic': ['user-service.users.v1'],
          'dlq-partition': ['2'],
          'dlq-offset': ['41'],
          'dlq-consumer': ['notification-service'],
          'dlq-error': ['TypeError'],
          'dlq-attempts': ['3'],
        },
      },
    ]);
  });

  it.each([
    ['bytes that are not an event', 'no JSON', 'MESSAGE_UNREADABLE'],
    ['an id that is a path', { ...registered, eventId: '../../etc/passwd' }, 'EVENT_FORBIDDEN'],
    [
      'a negative amount',
      { ...registered, type: 'OrderConfirmed', orderId: EVENT_ID, amountMinor: -1 },
      'EVENT_FORBIDDEN',
    ],
  ])('publishes a dead letter without retrying: %s', async (_name, event, code) => {
    const { handle, count, deadLetters } = arrange();
    await handle(aMessage(event));
    expect(deadLetters.map(({ headers }) => headers['dlq-error'])).toEqual([[code]]);
    expect(count).toEqual({ notified: 0, heartbeats: 0 });
  });

  it.each([
    ['a tombstone', null],
    ['an event without a handler', { type: 'UserProfileChanged' }],
    ['an event type that is the name of an object method', { type: 'constructor' }],
  ])('skips %s', async (_name, event) => {
    const { handle, count, deadLetters, registry } = arrange();
    await handle(aMessage(event));
    expect({ notified: count.notified, deadLetters }).toEqual({ notified: 0, deadLetters: [] });
    expect(await registry.metrics()).toContain('events_consumed_total{result="skipped"} 1');
  });

  it('rejects without a dead letter when the process closes during a retry delay', async () => {
    const { handle, closing, deadLetters } = arrange(...Array.from({ length: 10 }, () => unavailable('down')));
    closing.abort();
    await expect(handle(aMessage(registered))).rejects.toThrow('aborted');
    expect(deadLetters).toEqual([]);
  });
});
