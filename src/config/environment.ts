export type Environment = Readonly<Record<string, string | undefined>>;

/** The only place that touches the process's environment. */
// eslint-disable-next-line n/no-process-env
export const environment = (): Environment => process.env;

/** The value of a variable. An empty one counts as not set. */
export const variable = (env: Environment, name: string): string | undefined => {
  // eslint-disable-next-line security/detect-object-injection -- names come from the schema
  const text = env[name];
  return text === '' ? undefined : text;
};

/** Environments where the rules for deployments are relaxed. Only DD_ENV decides. */
export const isLaptopOrTest = (deployment: string): boolean => deployment === 'local' || deployment === 'test';
