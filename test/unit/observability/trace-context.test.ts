import { afterEach, describe, expect, it } from 'vitest';
import {
  continueTrace,
  currentTrace,
  currentTraceparent,
  flushTraces,
  tagSpan,
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
    tagSpan('feature_flag.key', 'accept-orders');
    await expect(flushTraces()).resolves.toBeUndefined();
  });

  it('is provided by the published tracer', async () => {
    const trace = { traceId: 'a', spanId: '1' };
    let flushed = 0;
    const trusted: string[] = [];
    const continued: ContinuedWork[] = [];
    const tagged: string[][] = [];
    const tracer: PublishedTracer = {
      currentTrace: () => trace,
      logFields: () => ({ 'trace.id': 'a' }),
      currentTraceparent: () => '00-a-1-01',
      continueTrace: (work, run) => {
        continued.push(work);
        return run();
      },
      tagSpan: (name, value) => {
        tagged.push([name, value]);
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
    tagSpan('feature_flag.key', 'accept-orders');
    expect(tagged).toEqual([['feature_flag.key', 'accept-orders']]);
    trustCallers(['a network']);
    expect(trusted).toEqual(['a network']);
    await flushTraces();
    expect(flushed).toBe(1);
  });
});
