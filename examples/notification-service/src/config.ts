// The only reader of the environment. All errors are reported together, and the process does not start.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export class ConfigError extends Error {
  readonly errors: readonly string[];

  constructor(errors: readonly string[]) {
    super(['Invalid configuration:', ...errors].join('\n  '));
    this.name = 'ConfigError';
    this.errors = errors;
  }
}

/** `HTTP_PORT=tcp://10.0.0.1:80`, which Kubernetes and Docker set for a Service named `http`. */
const isLink = (value: string): boolean => /^(?:tcp|udp|sctp):\/\//.test(value);

/** An empty variable, and a link to a Service, count as not set. */
const makeReader = (env: Environment) => {
  const errors: string[] = [];
  const variables = new Map(Object.entries(env).filter(([, value = '']) => value !== '' && !isLink(value)));
  const read = <T>(name: string, fallback: string | undefined, parse: (text: string) => T | undefined): T => {
    const found = variables.get(name) ?? fallback;
    const value = found === undefined ? undefined : parse(found);
    if (value === undefined) errors.push(`${name} ${found === undefined ? 'is not set' : 'has no valid value'}`);
    return value as T; // loadConfig throws before an undefined value is used
  };
  return { errors, read };
};

const text = (value: string): string => value;
const VERSION = (JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string })
  .version;

/** On each log line, span and series. */
export const readIdentity = (env: Environment) => {
  const { read } = makeReader(env);
  return {
    service: read('DD_SERVICE', 'notification-service', text),
    env: read('DD_ENV', 'local', text),
    version: read('DD_VERSION', VERSION, text),
  };
};

export type Identity = ReturnType<typeof readIdentity>;

/** Without user information: a password belongs in a file. */
const url = (value: string): string | undefined =>
  URL.canParse(value) && !/:[/\\]{2}.*@/.test(value) ? value.replace(/\/$/, '') : undefined;
const port = (value: string): number | undefined =>
  /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : undefined;
const milliseconds = (value: string): number | undefined => (/^\d{1,6}$/.test(value) ? Number(value) : undefined);
const list = (value: string): string[] | undefined => {
  const parts = value.split(',').map((part) => part.trim());
  return parts.includes('') ? undefined : parts;
};

const readSecret = (path: string): string | undefined => {
  try {
    // eslint-disable-next-line security/detect-non-literal-fs-filename -- the path comes from the configuration
    return readFileSync(path, 'utf8').trimEnd() || undefined;
  } catch {
    return undefined;
  }
};

/** The current content of the file, or the last that could be read while it is missing or empty: a rotation is in progress. */
const makeSecret = (path: string): (() => string) => {
  let last = '';
  return () => (last = readSecret(path) ?? last);
};

/** Read from a file because the URL holds a password. An empty path means no mail server. */
const readMailServer = (path: string): string | undefined => {
  const found = path === '' ? '' : readSecret(path);
  return found === '' || /^smtps?:\/\/[^/]/.test(found ?? '') ? found : undefined;
};

/** @throws ConfigError with all errors */
export const loadConfig = (env: Environment) => {
  const { errors, read } = makeReader(env);
  const secretFile = read('USER_SERVICE_CLIENT_SECRET_FILE', undefined, (path) =>
    readSecret(path) === undefined ? undefined : path,
  );
  const config = {
    identity: readIdentity(env),
    /** Address that both servers listen on. */
    host: read('HTTP_HOST', '0.0.0.0', text),
    port: read('HTTP_PORT', '8082', port),
    managementPort: read('MANAGEMENT_PORT', '8083', port),
    logLevel: read('LOG_LEVEL', 'info', (level) =>
      /^(?:debug|info|warn|error|fatal)$/.test(level) ? level : undefined,
    ),
    /** How long user-service or the registry may be down before the process leaves its consumer group. */
    outageToleranceMs: read('OUTAGE_TOLERANCE_MS', '5000', milliseconds),
    outboxDirectory: read('OUTBOX_DIRECTORY', undefined, text),
    /** With an empty `url`, e-mails are only written to the folder. */
    smtp: {
      url: read('SMTP_URL_FILE', '', readMailServer),
      from: read('SMTP_FROM', 'user-service@localhost', text),
    },
    registryUrl: read('SCHEMA_REGISTRY_URL', undefined, url),
    userServiceUrl: read('USER_SERVICE_URL', undefined, url),
    clientId: read('USER_SERVICE_CLIENT_ID', 'notification-service', text),
    /** Read for each token, so that a rotated secret needs no restart. */
    clientSecret: makeSecret(secretFile),
    kafka: {
      brokers: read('KAFKA_BROKERS', undefined, list),
      group: read('KAFKA_GROUP', 'notification-service', text),
      topics: read('KAFKA_TOPICS', 'user-service.users.v1,user-service.orders.v1', list),
      deadLetterTopic: read('KAFKA_DEAD_LETTER_TOPIC', 'notification-service.dlq', text),
    },
  };
  if (errors.length > 0) throw new ConfigError(errors);
  return config;
};
