export type Environment = Readonly<Record<string, string | undefined>>;

/** The only place that touches the process's environment. */
// eslint-disable-next-line n/no-process-env
export const environment = (): Environment => process.env;

/** The variable's text; an empty one counts as not given. */
export const variable = (env: Environment, name: string): string | undefined => {
  // eslint-disable-next-line security/detect-object-injection -- names come from the schema
  const text = env[name];
  return text === '' ? undefined : text;
};

/** Where rules for deployments are relaxed: by DD_ENV, and never by guessing. */
export const isLaptopOrTest = (deployment: string): boolean => deployment === 'local' || deployment === 'test';
