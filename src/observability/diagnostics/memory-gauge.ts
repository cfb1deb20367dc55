// How near the process is to its end by lack of memory. Not the size, which says nothing without its bound.

import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

import { Gauge } from 'prom-client';

import type { OpenMetricsRegistry } from '../metrics/traced-histogram.ts';

/** A container without a limit reports none, or one that the machine cannot reach. */
const containerLimit = (): number | undefined => {
  const limit = process.constrainedMemory();
  return limit > 0 && limit <= totalmem() ? limit : undefined;
};

/** Of two bounds, because either one ends the process: V8's limit of the heap, and that of the container, if there is one. */
export const watchMemory = (registers: OpenMetricsRegistry[]) =>
  new Gauge({
    name: 'process_memory_utilization_ratio',
    help: 'Memory in use as a share of its bound: the heap of the limit of V8, resident memory of the limit of the container',
    labelNames: ['bound'],
    registers,
    collect() {
      this.set({ bound: 'heap' }, process.memoryUsage().heapUsed / getHeapStatistics().heap_size_limit);
      const limit = containerLimit();
      if (limit !== undefined) this.set({ bound: 'container' }, process.memoryUsage.rss() / limit);
    },
  });
