export type Environment = Readonly<Record<string, string | undefined>>;

/** The only place that touches the process's environment. */
// eslint-disable-next-line n/no-process-env
export const environment = (): Environment => process.env;

/**
 * `REDIS_PORT=tcp://10.0.0.1:6379`: Kubernetes and Docker set such variables for a Service or a container named `redis`, also where the name is that of
 * a setting.
 */
export const isLink = (name: string, text: string): boolean =>
  /_PORT$|_PORT_\d+_(?:TCP|UDP|SCTP)$/.test(name) && /^(?:tcp|udp|sctp):\/\//.test(text);

/** The value of a variable. An empty one, and a link to a Service, count as not set. */
export const variable = (env: Environment, name: string): string | undefined => {
  // eslint-disable-next-line security/detect-object-injection -- names come from the schema
  const text = env[name];
  return text === undefined || text === '' || isLink(name, text) ? undefined : text;
};

/** The variables that are set. An object made with `...` of them keeps the defaults that it had for the others. */
export const variables = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => variable(env, name) !== undefined));

/** Environments where the rules for deployments are relaxed. Only DD_ENV decides. */
export const isLaptopOrTest = (deployment: string): boolean => deployment === 'local' || deployment === 'test';

/** A name that only begins like it, `prod-eu`, is production, too. */
export const isProduction = (deployment: string): boolean => /^prod/i.test(deployment);
