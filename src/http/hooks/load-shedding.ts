// Rejects requests with 503 while the event loop is overloaded, so that those already admitted stay fast and clients back off. Delay is how late
// timers fire, utilization the share of time in which the loop runs code: https://nodejs.org/api/perf_hooks.html. The same idea as
// @fastify/under-pressure, in one file. Health and metrics are on the management port and never shed.

import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

import { HttpError } from '../errors.ts';
import type { Hooks } from './add-hooks.ts';

type Options = {
  /** Mean delay within one sample from which on requests are shed. 0: not limited. */
  readonly maxEventLoopDelayMs: number;
  /** Utilization within one sample from which on requests are shed, in percent. 0: not limited. */
  readonly maxEventLoopUtilizationPercent: number;
  readonly sampleMs?: number;
  /** Called for each shed request: the place for a counter. */
  readonly onShed: () => void;
};

const RESOLUTION_MS = 10;
const NANOSECONDS = 1e6;

const isAbove = (value: number, max: number): boolean => max > 0 && value >= max;

export const makeLoadShedding = (options: Options) => {
  const { maxEventLoopDelayMs, maxEventLoopUtilizationPercent, sampleMs = 500, onShed } = options;
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let before = performance.eventLoopUtilization();
  let delayMs = 0;
  let overloaded = false;

  const sample = (): void => {
    const now = performance.eventLoopUtilization();
    const utilization = performance.eventLoopUtilization(now, before).utilization * 100;
    if (delay.count > 0) delayMs = delay.mean / NANOSECONDS - RESOLUTION_MS; // none: both timers were late, the last value holds
    overloaded = isAbove(delayMs, maxEventLoopDelayMs) || isAbove(utilization, maxEventLoopUtilizationPercent);
    before = now;
    delay.reset();
  };
  delay.enable();
  const timer = setInterval(sample, sampleMs).unref();

  const hooks: Hooks = {
    onRequestSync: () => {
      if (!overloaded) return;
      onShed();
      throw new HttpError('OVERLOADED', 'The service is overloaded.', { retryAfterSeconds: 1 });
    },
    onClose: (_app, done) => {
      clearInterval(timer);
      delay.disable();
      done();
    },
  };
  return {
    hooks,
    /** For readiness: optional, so that an overloaded process is degraded and still gets traffic. */
    check: {
      name: 'event-loop',
      required: false,
      check: (): Promise<void> =>
        overloaded ? Promise.reject(new Error('the event loop is overloaded')) : Promise.resolve(),
    },
  };
};
