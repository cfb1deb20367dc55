// The settings of the processes: a staging environment, secrets only from the files of the process's agent.

import { PATIENCE } from '../../test/support/patience.ts';
import { DATABASE, KAFKA_USER, type Servers } from './servers.ts';

export type Role = 'api' | 'relay' | 'worker';
export const ROLES: readonly Role[] = ['api', 'relay', 'worker'];

export type Ports = { readonly port: number; readonly managementPort: number };

/** Long enough that tokens of a replaced key are in use, short enough that they expire during the run. */
export const TOKEN_SECONDS = 15;

const onServers = ({ postgres, kafka, registry }: Servers) => ({
  DD_ENV: 'staging',
  POSTGRES_HOST: postgres.host,
  POSTGRES_PORT: String(postgres.port),
  POSTGRES_DATABASE: DATABASE,
  KAFKA_BROKERS: kafka.brokers.join(','),
  KAFKA_TLS: 'true',
  KAFKA_TLS_CA_FILE: kafka.authorities,
  KAFKA_SASL_MECHANISM: 'scram-sha-512',
  KAFKA_USERNAME: KAFKA_USER,
  SCHEMA_REGISTRY_URL: registry.url,
});

/** Of api, relay and worker. @param secretsDirectory the folder that the agent renders into */
export const settingsOf = (
  servers: Servers,
  secretsDirectory: string,
  tracesUrl: string,
  { port, managementPort, patient }: Ports & { readonly patient: boolean },
): Record<string, string> => ({
  ...onServers(servers),
  ...(patient ? PATIENCE : {}),
  SECRETS_DIR: secretsDirectory,
  DD_TRACE_AGENT_URL: tracesUrl,
  LOG_LEVEL: 'debug',
  REDIS_HOST: servers.redis.host,
  REDIS_PORT: String(servers.redis.port),
  HTTP_HOST: '127.0.0.1',
  HTTP_PORT: String(port),
  HTTP_TRUST_PROXY: '127.0.0.1', // each user of the load has an address of their own
  HTTP_STRICT_LIMIT_PER_MINUTE: '1000',
  HTTP_MANAGEMENT_HOST: '127.0.0.1',
  HTTP_MANAGEMENT_PORT: String(managementPort),
  AUTH_ACCESS_TOKEN_TTL_SECONDS: String(TOKEN_SECONDS),
  LIFECYCLE_DRAIN_DELAY_MS: '0',
});

/** Of the program `migrate`. */
export const migrationSettings = (servers: Servers, secretsDirectory: string): Record<string, string> => ({
  ...onServers(servers),
  SECRETS_DIR: secretsDirectory,
  DD_TRACE_ENABLED: 'false',
});
