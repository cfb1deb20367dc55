export type Environment = Readonly<Record<string, string | undefined>>;

/** The only place that touches the process's environment. */
// eslint-disable-next-line n/no-process-env
export const environment = (): Environment => process.env;
