// The log level while the process runs. A change is temporary: after its time the configured level is back, also when nobody thinks of it.

export const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type Level = (typeof LEVELS)[number];

export type LogLevelState = {
  readonly level: string;
  /** The one of LOG_LEVEL. */
  readonly configured: string;
  /** When the configured level is back, in ISO 8601; undefined while it is in use. */
  readonly until?: string;
};

type Options = {
  /** The logger: its children follow it. */
  readonly logger: { level: string };
  readonly configured: string;
  /** Called when the time of a change is over. */
  readonly onReset: () => void;
};

export const makeLogLevel = ({ logger, configured, onReset }: Options) => {
  let timer: NodeJS.Timeout | undefined;
  let until: string | undefined;

  const reset = (): void => {
    clearTimeout(timer);
    until = undefined;
    logger.level = configured;
  };
  const state = (): LogLevelState => ({ level: logger.level, configured, ...(until !== undefined && { until }) });

  return {
    state,
    reset,
    set: (level: Level, minutes: number): void => {
      reset();
      if (level === configured) return;
      const ms = minutes * 60_000;
      until = new Date(Date.now() + ms).toISOString();
      timer = setTimeout(() => {
        reset();
        onReset();
      }, ms).unref();
      logger.level = level;
    },
  };
};

export type LogLevel = ReturnType<typeof makeLogLevel>;
