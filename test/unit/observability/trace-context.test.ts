import { afterEach, describe, expect, it } from 'vitest';
import {
  continueTrace,
  currentTrace,
  currentTraceparent,
  flushTraces,
  traceFields,
  TRACER,
  trustCallers,
  type ContinuedWork,
  type PublishedTracer,
} from '../../../src/observability/trace-context.ts';

const WORK: ContinuedWork = { name: 'consume', resource: 'OrderPlaced', kind: 'consumer', traceparent: undefined };

afterEach(() => {
  Reflect.deleteProperty(globalThis, TRACER);
});

describe('the trace context', () => {
  it('is empty, and flushing does nothing, without a tracer', async () => {
    expect(currentTrace()).toBeUndefined();
    expect(currentTraceparent()).toBeUndefined();
    expect(traceFields()).toEqual({});
    expect(continueTrace(WORK, () => 'done')).toBe('done');
    trustCallers(['a network']);
    await expect(flushTraces()).resolves.toBeUndefined();
  });

  it('is provided by the published tracer', async () => {
    const trace = { traceId: 'a', spanId: '1' };
    let flushed = 0;
    const trusted: string[] = [];
    const continued: ContinuedWork[] = [];
    const tracer: PublishedTracer = {
      currentTrace: () => trace,
      logFields: () => ({ 'trace.id': 'a' }),
      tagSpan: () => undefined,
      currentTraceparent: () => '00-a-1-01',
      continueTrace: (work, run) => {
        continued.push(work);
        return run();
      },
      trustCallers: (networks) => {
        trusted.push(...networks);
      },
      flush: () => {
        flushed += 1;
        return Promise.resolve();
      },
    };
    Object.assign(globalThis, { [TRACER]: tracer });
    expect(currentTrace()).toBe(trace);
    expect(currentTraceparent()).toBe('00-a-1-01');
    expect(traceFields()).toEqual({ 'trace.id': 'a' });
    expect(continueTrace(WORK, () => 'done')).toBe('done');
    expect(continued).toEqual([WORK]);
    trustCallers(['a network']);
    expect(trusted).toEqual(['a network']);
    await flushTraces();
    expect(flushed).toBe(1);
  });
});
