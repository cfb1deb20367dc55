import type { Logger } from 'pino';

type Step = { readonly name: string; readonly close: () => unknown };

/** How the process ends: what was opened last is closed first, before a deadline; a second signal ends it at once. */
export const makeLifecycle = ({ logger, timeoutMs }: { logger: Logger; timeoutMs: number }) => {
  const steps: Step[] = [];
  let worstCode = 0;
  let stopped: Promise<void> | undefined;

  const exit = (code: number): void => {
    // eslint-disable-next-line n/no-process-exit -- everything is closed; what still holds the event loop must not hold the process
    process.exit(code);
  };

  const stop = async (): Promise<void> => {
    setTimeout(() => {
      logger.fatal('shutdown took too long');
      exit(1);
    }, timeoutMs);
    for (const { name, close } of steps.toReversed())
      try {
        await close();
        logger.info({ step: name }, 'closed');
      } catch (err) {
        worstCode = 1;
        logger.error({ step: name, err }, 'could not be closed');
      }
    exit(worstCode);
  };

  const shutDown = (reason: string, exitCode = 0): void => {
    worstCode = Math.max(worstCode, exitCode);
    if (stopped === undefined) logger.info({ reason }, 'shutting down');
    stopped ??= stop();
  };

  return {
    isClosing: (): boolean => stopped !== undefined,
    add: (name: string, close: Step['close']): void => {
      steps.push({ name, close });
    },
    shutDown,
    /** Call it before anything is opened. */
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
