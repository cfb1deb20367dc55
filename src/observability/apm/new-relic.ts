// The tracer of APM=newrelic. Only the preload (tracer.ts) imports it.

import type { PublishedTracer } from '../trace-context.ts';

export const startNewRelic = (): Promise<PublishedTracer | undefined> => Promise.resolve(undefined);
