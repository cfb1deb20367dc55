// Graceful shutdown: unready → drain delay → close each part in reverse order → exit, all before a deadline.

import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../observability/log-fields.ts';
import { closeSteps, type Step } from './close-steps.ts';

export type LifecycleState = 'starting' | 'ready' | 'draining';

/** `process`, or anything that emits the same events. */
type Signals = { on(event: string, listener: (value: unknown) => void): unknown };

type Options = {
  readonly logger: Log;
  /** Between becoming unready and closing, so that load balancers stop sending requests. Skipped when the process was never ready. */
  readonly drainDelayMs: number;
  /** For the whole shutdown, including the drain delay. Keep it below the pod's termination grace period. */
  readonly timeoutMs: number;
  /** Called once, when the process has started. */
  readonly onReady?: () => void;
  /** Called once, when the shutdown begins. */
  readonly onStop?: (reason: string) => void;
  /** Called for each rejected promise that no code handled. */
  readonly onRejection?: () => void;
  readonly exit?: (code: number) => void;
  readonly signals?: Signals;
};

/** Signals that stop the process, and the exit code for each: 128 + the number of the signal. */
const STOP_SIGNALS = { SIGINT: 130, SIGTERM: 143 };

const endProcess = (code: number): void => {
  // eslint-disable-next-line n/no-process-exit -- everything is closed; an open handle must not keep the process running
  process.exit(code);
};

export const makeLifecycle = (options: Options) => {
  const { logger, drainDelayMs, timeoutMs, signals = process } = options;
  const exit = options.exit ?? endProcess;
  const steps: Step[] = [];
  let state: LifecycleState = 'starting';
  let current = 'drain delay';
  let worstCode = 0;
  let stopped: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    const wasReady = state === 'ready';
    state = 'draining';
    if (wasReady) await pause(drainDelayMs);
  };

  // The timers keep the process alive on purpose: an empty event loop would end it in the middle of the shutdown, with code 0.
  const stop = async (reason: string): Promise<void> => {
    const deadline = setTimeout(() => {
      logger.fatal({ step: current, durationMs: timeoutMs }, 'shutdown timed out');
      exit(1);
    }, timeoutMs);
    logger.info({ reason }, 'shutting down');
    options.onStop?.(reason);
    await drain();
    const allClosed = await closeSteps(steps, { logger, onStep: (name) => (current = name) });
    clearTimeout(deadline);
    exit(allClosed ? worstCode : Math.max(worstCode, 1));
  };

  /** Shuts down once. Later calls wait for the first one and can only raise its exit code. */
  const shutDown = (reason: string, exitCode = 0): Promise<void> => {
    worstCode = Math.max(worstCode, exitCode);
    stopped ??= stop(reason);
    return stopped;
  };

  const onSignal = (signal: string, exitCode: number): void => {
    if (stopped === undefined) void shutDown(signal);
    else exit(exitCode); // the second signal skips the rest
  };

  /** An exception may have left anything half done, so the process ends. */
  const onException = (err: unknown): void => {
    logger.fatal({ err }, 'unexpected error');
    void shutDown('unexpected error', 1);
  };
  /** A promise that rejects without a handler belongs to one task. The others go on: docs/adr/0009 */
  const onRejection = (err: unknown): void => {
    options.onRejection?.();
    logger.error({ err }, 'unhandled rejection');
  };

  return {
    state: (): LifecycleState => state,
    ready: (): void => {
      if (state !== 'starting') return;
      state = 'ready';
      options.onReady?.();
    },
    /** Registers a part that has been opened. Parts are closed in reverse order. */
    add: (name: string, close: Step['close']): void => {
      steps.push({ name, close });
    },
    /** Handles SIGTERM, SIGINT, exceptions and rejections that no code handled. Call it before anything is opened. */
    listen: (): void => {
      for (const [signal, exitCode] of Object.entries(STOP_SIGNALS))
        signals.on(signal, () => {
          onSignal(signal, exitCode);
        });
      signals.on('uncaughtException', onException);
      signals.on('unhandledRejection', onRejection);
    },
    shutDown,
  };
};
