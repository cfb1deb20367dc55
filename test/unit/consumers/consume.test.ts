import { describe, expect, it } from 'vitest';

import type { ConsumerTelemetry } from '../../../src/consumers/ports.ts';
import { makeConsume, type HandleEvent } from '../../../src/consumers/consume.ts';
import type { DecodeEvent } from '../../../src/messaging/codec.ts';
import { CodedError } from '../../../src/errors/coded-error.ts';
import { MessagingError } from '../../../src/messaging/messaging-error.ts';
import { Unavailable } from '../../../src/errors/unavailable.ts';
import type { ContinuedWork } from '../../../src/observability/trace-context.ts';
import { aMessage, decodeJson, TRACEPARENT } from '../../support/fakes/consuming.ts';
import { makeTelemetryRecorder } from '../../support/fakes/telemetry.ts';

type Arranged = {
  decode?: DecodeEvent;
  handle?: HandleEvent;
  attempts?: number;
  onDeadLetter?: () => Promise<void>;
};

const arrange = ({ decode = decodeJson, handle, attempts = 3, onDeadLetter }: Arranged = {}) => {
  const { reported, telemetry } = makeTelemetryRecorder<ConsumerTelemetry>();
  const handled: unknown[] = [];
  const deadLetters: { offset: string; err: unknown; attempts: number }[] = [];
  const traced: ContinuedWork[] = [];
  const consume = makeConsume({
    decode,
    handlers: {
      OrderPlaced: async (event) => {
        await handle?.(event);
        handled.push(event.payload);
      },
    },
    deadLetter: async ({ offset }, failure) => {
      await onDeadLetter?.();
      deadLetters.push({ offset, ...failure });
    },
    attempts,
    backoff: () => ({ next: () => ({ retryInMs: 0 }) }),
    telemetry,
    continueTrace: (work, run) => {
      traced.push(work);
      return run();
    },
  });
  return { consume, reported, handled, deadLetters, traced };
};

const failing = (error: unknown, times = Infinity) => {
  const calls = { count: 0 };
  const handle = (): Promise<void> => {
    calls.count += 1;
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever a handler may throw
    return calls.count <= times ? Promise.reject(error) : Promise.resolve();
  };
  return { calls, handle };
};

describe('consuming a message', () => {
  it('hands the decoded event to the handler of its type', async () => {
    const { consume, handled, deadLetters, reported } = arrange();

    await consume(aMessage({ value: Buffer.from('{"type":"OrderPlaced","orderId":"o-1"}') }));

    expect(handled).toEqual([{ orderId: 'o-1' }]);
    expect(deadLetters).toEqual([]);
    expect(reported).toEqual([['handled', { topic: 'user-service.orders.v1', eventType: 'OrderPlaced' }]]);
  });

  it('runs in the trace of the message', async () => {
    const { consume, traced } = arrange();

    await consume(aMessage());

    expect(traced).toEqual([
      { name: 'event.consume', resource: 'user-service.orders.v1', kind: 'consumer', traceparent: TRACEPARENT },
    ]);
  });

  it('skips a tombstone', async () => {
    const { consume, handled, deadLetters, reported } = arrange();

    await consume(aMessage({ value: null }));

    expect([handled, deadLetters]).toEqual([[], []]);
    expect(reported).toEqual([['skipped', { topic: 'user-service.orders.v1' }]]);
  });

  it.each(['OrderConfirmed', 'constructor', '__proto__'])('skips the type %s, which has no handler', async (type) => {
    const { consume, handled, deadLetters, reported } = arrange();

    await consume(aMessage({ value: Buffer.from(JSON.stringify({ type })) }));

    expect([handled, deadLetters]).toEqual([[], []]);
    expect(reported).toEqual([['skipped', { topic: 'user-service.orders.v1' }]]);
  });
});

describe('a message that can not be handled', () => {
  it('becomes a dead letter at once when its bytes are unreadable', async () => {
    const { consume, deadLetters } = arrange();

    await consume(aMessage({ value: Buffer.from([1, 0, 0, 0, 7]) }));

    expect(deadLetters).toMatchObject([{ offset: '41', attempts: 1, err: { code: 'MESSAGE_UNREADABLE' } }]);
  });

  it.each([
    new MessagingError('EVENT_FORBIDDEN', 'A value is rejected.'),
    new CodedError('ORDER_UNKNOWN', 'There is no such order.'),
  ])('becomes a dead letter at once when the handler rejects it with $code', async (error) => {
    const { calls, handle } = failing(error);
    const { consume, deadLetters } = arrange({ handle });

    await consume(aMessage());

    expect(calls.count).toBe(1);
    expect(deadLetters).toEqual([{ offset: '41', err: error, attempts: 1 }]);
  });

  it('becomes a dead letter after the maximum attempts when the handler has a bug', async () => {
    const bug = new TypeError('x is not a function');
    const { calls, handle } = failing(bug);
    const { consume, deadLetters, reported } = arrange({ handle, attempts: 3 });

    await consume(aMessage());

    expect(calls.count).toBe(3);
    expect(deadLetters).toEqual([{ offset: '41', err: bug, attempts: 3 }]);
    expect(reported.map(([name, { attempt }]) => [name, attempt])).toEqual([
      ['retrying', 1],
      ['retrying', 2],
    ]);
  });

  it('is handled when a later attempt succeeds', async () => {
    const { handle } = failing(new Error('once'), 1);
    const { consume, handled, deadLetters } = arrange({ handle });

    await consume(aMessage());

    expect(handled).toHaveLength(1);
    expect(deadLetters).toEqual([]);
  });

  it('is rejected when its dead letter can not be published', async () => {
    const down = new MessagingError('BROKER_UNAVAILABLE', 'No response.');
    const { consume } = arrange({ onDeadLetter: () => Promise.reject(down) });

    await expect(consume(aMessage({ value: Buffer.from('?') }))).rejects.toBe(down);
  });
});

describe('an outage', () => {
  it.each([
    new Unavailable('STORE_UNAVAILABLE', 'The database is down.'),
    new Unavailable('STORE_TIMEOUT', 'The database is slow.'),
    new MessagingError('BROKER_UNAVAILABLE', 'The broker is down.'),
    new CodedError('PAYMENT_DOWN', 'The payment provider is down.', { retryAfterSeconds: 1 }),
  ])('rejects the message when the handler fails with $code', async (error) => {
    const { calls, handle } = failing(error);
    const { consume, deadLetters } = arrange({ handle });

    await expect(consume(aMessage())).rejects.toBe(error);

    expect(calls.count).toBe(1);
    expect(deadLetters).toEqual([]);
  });

  it('rejects the message when the registry does not respond', async () => {
    const down = new MessagingError('REGISTRY_UNAVAILABLE', 'No response.');
    const { consume, deadLetters } = arrange({ decode: () => Promise.reject(down) });

    await expect(consume(aMessage())).rejects.toBe(down);

    expect(deadLetters).toEqual([]);
  });

  it('rejects the message when it starts between two attempts', async () => {
    const errors = [new Error('bug'), new Unavailable('STORE_UNAVAILABLE', 'The database is down.')];
    const { consume, deadLetters } = arrange({ handle: () => Promise.reject(errors.shift() ?? new Error('no more')) });

    await expect(consume(aMessage())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });

    expect(deadLetters).toEqual([]);
  });
});
