import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { makeWhileAble } from '../../../src/lifecycle/while-able.ts';

const TOLERANCE_MS = 5000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const arrange = ({ abandon = () => Promise.resolve() }: { abandon?: () => Promise<void> } = {}) => {
  const steps: string[] = [];
  const errors: unknown[] = [];
  const note = (step: string) => {
    steps.push(step);
    return Promise.resolve();
  };
  const whileAble = makeWhileAble({
    start: () => {
      steps.push('start');
      return {
        close: () => note('close'),
        abandon: () => note('abandon').then(abandon),
      };
    },
    toleranceMs: TOLERANCE_MS,
    onAbandoned: () => steps.push('told'),
    onError: (error) => errors.push(error),
  });
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return { whileAble, steps, errors, pass };
};

describe('while able', () => {
  it('starts no work before it is able, however long that takes', async () => {
    const { whileAble, steps, pass } = arrange();
    whileAble.unable();
    await pass(10 * TOLERANCE_MS);
    expect(steps).toEqual([]);

    whileAble.able();
    await pass(0);
    expect(steps).toEqual(['start']);
  });

  it('keeps its work during a shorter outage', async () => {
    const { whileAble, steps, pass } = arrange();
    whileAble.able();
    for (let outage = 0; outage < 3; outage += 1) {
      whileAble.unable();
      await pass(TOLERANCE_MS - 1);
      whileAble.able();
    }
    expect(steps).toEqual(['start']);
  });

  it('abandons its work once in a longer outage, counted from its beginning, and starts again after it', async () => {
    const { whileAble, steps, pass } = arrange();
    whileAble.able();
    whileAble.unable();
    await pass(TOLERANCE_MS / 2);
    whileAble.unable();
    await pass(TOLERANCE_MS / 2);
    expect(steps).toEqual(['start', 'told', 'abandon']);

    await pass(TOLERANCE_MS * 2);
    whileAble.able();
    await pass(0);
    expect(steps).toEqual(['start', 'told', 'abandon', 'start']);
  });

  it('starts again only after the previous work was given back', async () => {
    const { promise: givenBack, resolve } = Promise.withResolvers<undefined>();
    const { whileAble, steps, pass } = arrange({ abandon: () => givenBack });
    whileAble.able();
    whileAble.unable();
    await pass(TOLERANCE_MS);
    whileAble.able();
    await pass(TOLERANCE_MS);
    expect(steps).toEqual(['start', 'told', 'abandon']);

    resolve(undefined);
    await pass(0);
    expect(steps.at(-1)).toBe('start');
  });

  it('reports work that could not be given back, and goes on', async () => {
    const failure = new Error('no');
    const { whileAble, steps, errors, pass } = arrange({ abandon: () => Promise.reject(failure) });
    whileAble.able();
    whileAble.unable();
    await pass(TOLERANCE_MS);
    whileAble.able();
    await pass(0);
    expect(errors).toEqual([failure]);
    expect(steps.at(-1)).toBe('start');
  });

  it('closes the work it has, and starts none afterwards', async () => {
    const { whileAble, steps, pass } = arrange();
    whileAble.able();
    await pass(0);
    await whileAble.close();
    whileAble.able();
    await pass(TOLERANCE_MS);
    expect(steps).toEqual(['start', 'close']);
  });

  it('closes without having had work', async () => {
    const { whileAble, steps } = arrange();
    await whileAble.close();
    expect(steps).toEqual([]);
  });
});
