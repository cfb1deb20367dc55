// The settings of the processes of the native stack: a staging environment on a busy machine.

import { join } from 'node:path';

import { LOGINS } from '../../../../test/support/template-database.ts';
import { PATIENCE } from '../../../../test/support/patience.ts';
import type { Process } from '../stack.ts';
import type { ManagedServers } from './servers.ts';

export const DATABASE = 'user_service';

/** Next to the secret files. It may be missing. */
export const flagsFile = ({ secretsDirectory }: Pick<Surroundings, 'secretsDirectory'>): string =>
  join(secretsDirectory, '../feature-flags.json');

export type Surroundings = {
  readonly servers: ManagedServers;
  readonly secretsDirectory: string;
  /** Where the example consumer writes its e-mails. */
  readonly mailDirectory: string;
  readonly tracesUrl: string;
  /** Where all instances of the api are reached. */
  readonly apiUrl: string;
};

export type Ports = { readonly port: number; readonly managementPort: number };

const TRACER = './src/observability/tracer.ts';
const EXAMPLE = './examples/notification-service/src';

/** The arguments of Node. */
export const programOf = (process: Process): string[] =>
  process === 'notification-service'
    ? ['--import', `${EXAMPLE}/tracer.ts`, `${EXAMPLE}/main.ts`]
    : ['--import', TRACER, `src/bin/${process}.ts`];

const registryUrl = (servers: ManagedServers): string => `http://127.0.0.1:${servers.registry.port}/apis/ccompat/v7`;

const onServers = ({ servers, tracesUrl }: Surroundings) => ({
  DD_ENV: 'staging',
  DD_TRACE_AGENT_URL: tracesUrl,
  KAFKA_BROKERS: `127.0.0.1:${servers.kafka.port}`,
  SCHEMA_REGISTRY_URL: registryUrl(servers),
});

/** The load comes from one address, and the machine may be small. */
export const WIDE_LIMITS = { ...PATIENCE, HTTP_STRICT_LIMIT_PER_MINUTE: '1000' };

const SMALL_MACHINE = { ...WIDE_LIMITS, LIFECYCLE_DRAIN_DELAY_MS: '0' };

const ofService = (at: Surroundings, { port, managementPort }: Ports) => ({
  ...onServers(at),
  ...SMALL_MACHINE,
  SECRETS_DIR: at.secretsDirectory,
  FEATURE_FLAGS_FILE: flagsFile(at),
  HTTP_HOST: '127.0.0.1',
  HTTP_PORT: String(port),
  HTTP_TRUST_PROXY: '127.0.0.1',
  HTTP_MANAGEMENT_HOST: '127.0.0.1',
  HTTP_MANAGEMENT_PORT: String(managementPort),
  POSTGRES_HOST: '127.0.0.1',
  POSTGRES_PORT: String(at.servers.postgres.port),
  POSTGRES_DATABASE: DATABASE,
  POSTGRES_USER: LOGINS.appUser,
  REDIS_HOST: '127.0.0.1',
  REDIS_PORT: String(at.servers.redis.port),
});

const ofExample = (at: Surroundings, { port, managementPort }: Ports) => ({
  ...onServers(at),
  HTTP_HOST: '127.0.0.1',
  HTTP_PORT: String(port),
  MANAGEMENT_PORT: String(managementPort),
  USER_SERVICE_URL: at.apiUrl,
  USER_SERVICE_CLIENT_SECRET_FILE: join(at.secretsDirectory, 'notification_service_secret'),
  OUTBOX_DIRECTORY: at.mailDirectory,
});

export const settingsOf = (process: Process, at: Surroundings, ports: Ports): Record<string, string> =>
  process === 'notification-service' ? ofExample(at, ports) : ofService(at, ports);

/** Of the program `migrate`. */
export const migrationSettings = (at: Surroundings): Record<string, string> => ({
  ...onServers(at),
  DD_TRACE_ENABLED: 'false',
  SECRETS_DIR: at.secretsDirectory,
  POSTGRES_HOST: '127.0.0.1',
  POSTGRES_PORT: String(at.servers.postgres.port),
  POSTGRES_DATABASE: DATABASE,
  POSTGRES_MIGRATION_USER: LOGINS.ownerUser,
});
