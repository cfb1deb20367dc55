import { Type } from 'typebox';
import { integer } from '../setting.ts';

export const lifecycle = Type.Object(
  {
    drainDelayMs: integer('LIFECYCLE_DRAIN_DELAY_MS', {
      default: 5000,
      minimum: 0,
      maximum: 60_000,
      description:
        'Time between becoming unready and closing, so that load balancers stop sending requests. Relay and worker receive none and do not wait.',
    }),
    shutdownTimeoutMs: integer('LIFECYCLE_SHUTDOWN_TIMEOUT_MS', {
      default: 25_000,
      minimum: 100,
      maximum: 600_000,
      description: 'The process exits after this time at the latest. Keep it below the pod’s termination grace period.',
    }),
    outageToleranceMs: integer('LIFECYCLE_OUTAGE_TOLERANCE_MS', {
      default: 5000,
      minimum: 0,
      maximum: 300_000,
      description:
        'Relay and worker give their work to other processes when a required dependency is down for this long, and take work again when it is back.',
    }),
  },
  { description: 'Graceful shutdown, and when a process stops taking work.' },
);
