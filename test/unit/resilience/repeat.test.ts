import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRepeat } from '../../../src/resilience/repeat.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const setUp = (work: () => Promise<unknown>) => {
  const errors: unknown[] = [];
  const repeat = makeRepeat({ everyMs: 1000, work, onError: (error) => errors.push(error) });
  repeat.start();
  return { repeat, errors };
};

describe('makeRepeat', () => {
  it('does its work after each interval', async () => {
    let rounds = 0;
    setUp(() => {
      rounds += 1;
      return Promise.resolve();
    });
    await vi.advanceTimersByTimeAsync(3500);
    expect(rounds).toBe(3);
  });

  it('tells a failure and goes on', async () => {
    const { errors } = setUp(() => Promise.reject(new Error('full')));
    await vi.advanceTimersByTimeAsync(2500);
    expect(errors).toEqual([new Error('full'), new Error('full')]);
  });

  it('never has two rounds at a time', async () => {
    let started = 0;
    setUp(() => {
      started += 1;
      return new Promise(() => undefined);
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(started).toBe(1);
  });

  it('closes when the round under way has ended, and starts no other', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    let rounds = 0;
    const { repeat } = setUp(() => {
      rounds += 1;
      return promise;
    });
    await vi.advanceTimersByTimeAsync(1000);
    let closed = false;
    const closing = repeat.close().then(() => (closed = true));
    await vi.advanceTimersByTimeAsync(0);
    expect(closed).toBe(false);
    resolve(1);
    await closing;
    await vi.advanceTimersByTimeAsync(5000);
    expect(rounds).toBe(1);
  });
});
