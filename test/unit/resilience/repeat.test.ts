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
  it('runs the work after each interval', async () => {
    let runs = 0;
    setUp(() => {
      runs += 1;
      return Promise.resolve();
    });
    await vi.advanceTimersByTimeAsync(3500);
    expect(runs).toBe(3);
  });

  it('reports a failure and continues', async () => {
    const { errors } = setUp(() => Promise.reject(new Error('full')));
    await vi.advanceTimersByTimeAsync(2500);
    expect(errors).toEqual([new Error('full'), new Error('full')]);
  });

  it('starts at once when asked to, and resolves after that run', async () => {
    let runs = 0;
    const work = (): Promise<void> => {
      runs += 1;
      return Promise.resolve();
    };
    const repeat = makeRepeat({ everyMs: 1000, work, onError: () => undefined });
    await repeat.startNow();
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(2500);
    expect(runs).toBe(3);
    await repeat.close();
  });

  it('never has two runs at a time', async () => {
    let started = 0;
    setUp(() => {
      started += 1;
      return new Promise(() => undefined);
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(started).toBe(1);
  });

  it('closes when the current run has ended, and starts no other', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    let runs = 0;
    const { repeat } = setUp(() => {
      runs += 1;
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
    expect(runs).toBe(1);
  });
});
