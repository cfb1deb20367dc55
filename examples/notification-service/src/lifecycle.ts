import type { Logger } from 'pino';

type Step = { readonly name: string; readonly close: () => unknown };

/** Graceful shutdown: closes resources in reverse order of opening, within a deadline. A second signal ends the process at once. */
export const makeLifecycle = ({ logger, timeoutMs }: { logger: Logger; timeoutMs: number }) => {
  const steps: Step[] = [];
  let highestExitCode = 0;
  let stopped: Promise<void> | undefined;

  const exit = (code: number): void => {
    // eslint-disable-next-line n/no-process-exit -- everything is closed; a leftover handle must not keep the process alive
    process.exit(code);
  };

  const stop = async (): Promise<void> => {
    setTimeout(() => {
      logger.fatal('shutdown deadline exceeded');
      exit(1);
    }, timeoutMs);
    for (const { name, close } of steps.toReversed())
      try {
        await close();
        logger.info({ step: name }, 'closed');
      } catch (err) {
        highestExitCode = 1;
        logger.error({ step: name, err }, 'close failed');
      }
    exit(highestExitCode);
  };

  const shutDown = (reason: string, exitCode = 0): void => {
    highestExitCode = Math.max(highestExitCode, exitCode);
    if (stopped === undefined) logger.info({ reason }, 'shutting down');
    stopped ??= stop();
  };

  return {
    isClosing: (): boolean => stopped !== undefined,
    add: (name: string, close: Step['close']): void => {
      steps.push({ name, close });
    },
    shutDown,
    /** Call before any resource is opened. */
    listen: (): void => {
      for (const [signal, exitCode] of [['SIGTERM', 143] as const, ['SIGINT', 130] as const])
        process.on(signal, () => {
          if (stopped === undefined) shutDown(signal);
          else exit(exitCode);
        });
      for (const event of ['uncaughtException', 'unhandledRejection'] as const)
        process.on(event, (err: unknown) => {
          logger.fatal({ err }, 'unexpected error');
          shutDown('unexpected error', 1);
        });
    },
  };
};
