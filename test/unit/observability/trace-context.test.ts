import { afterEach, describe, expect, it } from 'vitest';
import { currentTrace, flushTraces, TRACER, type PublishedTracer } from '../../../src/observability/trace-context.ts';

afterEach(() => {
  Reflect.deleteProperty(globalThis, TRACER);
});

describe('the trace context', () => {
  it('is empty, and flushing does nothing, without a tracer', async () => {
    expect(currentTrace()).toBeUndefined();
    await expect(flushTraces()).resolves.toBeUndefined();
  });

  it('is that of the published tracer', async () => {
    const trace = { traceId: 'a', spanId: '1' };
    let flushed = 0;
    const tracer: PublishedTracer = {
      currentTrace: () => trace,
      flush: () => {
        flushed += 1;
        return Promise.resolve();
      },
    };
    Object.assign(globalThis, { [TRACER]: tracer });
    expect(currentTrace()).toBe(trace);
    await flushTraces();
    expect(flushed).toBe(1);
  });
});
