// How an exporter of metrics reports on itself: two metrics, one log line when it no longer delivers, and one when it does again.

import type { Log } from '../log-fields.ts';
import type { Metrics } from './metrics.ts';

type Deps = {
  /** The value of the label `exporter`. */
  readonly exporter: string;
  readonly logger: Pick<Log, 'info' | 'warn'>;
  readonly metrics: Pick<Metrics, 'telemetryPoints' | 'telemetryExporterUp'>;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
};

/** A single failure is no news: the next attempt usually succeeds. */
const FAILURES_BEFORE_DEGRADED = 2;

export const makeExporterHealth = ({ exporter, logger, metrics, now = () => performance.now() }: Deps) => {
  let failures = 0;
  let degradedAt: number | undefined;
  let droppedMeanwhile = 0;
  const setUp = (up: number): void => {
    metrics.telemetryExporterUp.set({ exporter }, up);
  };
  setUp(1);

  const degrade = (reason: string): void => {
    degradedAt = now();
    setUp(0);
    logger.warn({ dependency: exporter, reason }, 'telemetry is degraded: metrics are not delivered');
  };

  return {
    sent: (points: number): void => {
      failures = 0;
      metrics.telemetryPoints.inc({ exporter, result: 'sent' }, points);
    },
    dropped: (points: number): void => {
      metrics.telemetryPoints.inc({ exporter, result: 'dropped' }, points);
      if (degradedAt !== undefined) droppedMeanwhile += points;
    },
    /** @param failure reason: a constant, never text of a response; lasting: another attempt can't succeed */
    failed: ({ reason, lasting = false }: { readonly reason: string; readonly lasting?: boolean }): void => {
      failures += 1;
      if (degradedAt === undefined && (lasting || failures >= FAILURES_BEFORE_DEGRADED)) degrade(reason);
    },
    /** Nothing is waiting to be sent any more. */
    delivered: (): void => {
      failures = 0;
      if (degradedAt === undefined) return;
      const durationMs = Math.round(now() - degradedAt);
      logger.info({ dependency: exporter, count: droppedMeanwhile, durationMs }, 'telemetry is delivered again');
      degradedAt = undefined;
      droppedMeanwhile = 0;
      setUp(1);
    },
  };
};

export type ExporterHealth = ReturnType<typeof makeExporterHealth>;
