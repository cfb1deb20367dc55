import { Type } from 'typebox';
import { certificateAuthorities } from '../certificates.ts';
import { parseCredentials } from '../../postgres/credentials.ts';
import { choice, hostOrSocket, integer, optionalSecret, text } from '../setting.ts';

const server = {
  host: hostOrSocket('POSTGRES_HOST', {
    default: '127.0.0.1',
    description: 'Host name or address of PostgreSQL, or the directory of its socket.',
  }),
  port: integer('POSTGRES_PORT', { default: 5432, minimum: 1, maximum: 65_535, description: 'Port of PostgreSQL.' }),
  database: text('POSTGRES_DATABASE', { default: 'user_service', description: 'Name of the database.' }),
  tls: choice('POSTGRES_TLS', ['disable', 'require', 'verify-full'], {
    default: 'disable',
    description: '`require` encrypts the connection, `verify-full` also verifies certificate and host name.',
  }),
  tlsCa: certificateAuthorities('POSTGRES_TLS_CA_FILE'),
  connectTimeoutMs: integer('POSTGRES_CONNECT_TIMEOUT_MS', {
    default: 1000,
    minimum: 50,
    maximum: 30_000,
    description: 'Timeout for getting a connection, new or from the pool.',
  }),
};

const lockTimeoutMs = integer('POSTGRES_LOCK_TIMEOUT_MS', {
  default: 500,
  minimum: 5,
  maximum: 60_000,
  description:
    'Lock timeout: PostgreSQL cancels a statement that waits longer for a lock. Migrations keep their own waits below it.',
});

export const postgres = Type.Object(
  {
    ...server,
    user: text('POSTGRES_USER', {
      default: 'user_service_app_login',
      description: 'Database user of the service, which reads and writes rows.',
    }),
    password: optionalSecret('POSTGRES_PASSWORD', {
      description: 'Password of that user. A changed one is used when the server accepts it.',
    }),
    credentials: optionalSecret('POSTGRES_CREDENTIALS', {
      parse: parseCredentials,
      description:
        'User and password in one file, as JSON: `{"username":"…","password":"…","expiresAt":1893456000}`, for a user that changes. `expiresAt` is optional, in Unix seconds. Where it exists, POSTGRES_USER and POSTGRES_PASSWORD are not used.',
    }),
    maxLifetimeSeconds: integer('POSTGRES_CONNECTION_MAX_LIFETIME_SECONDS', {
      default: 1800,
      minimum: 1,
      maximum: 86_400,
      description: 'Connections are replaced after this time. Keep it below the lifetime of credentials that expire.',
    }),
    poolSize: integer('POSTGRES_POOL_SIZE', {
      default: 10,
      minimum: 1,
      maximum: 500,
      description: 'Maximum number of connections in the pool of a process.',
    }),
    statementTimeoutMs: integer('POSTGRES_STATEMENT_TIMEOUT_MS', {
      default: 1000,
      minimum: 10,
      maximum: 60_000,
      description: 'Statement timeout: PostgreSQL cancels a statement that takes longer.',
    }),
    lockTimeoutMs,
    idleInTransactionTimeoutMs: integer('POSTGRES_IDLE_IN_TRANSACTION_TIMEOUT_MS', {
      default: 5000,
      minimum: 100,
      maximum: 600_000,
      description: 'PostgreSQL ends a session whose transaction is idle for longer.',
    }),
  },
  { description: 'The database connection of the service. Its user reads and writes rows.' },
);

export const migrations = Type.Object(
  {
    ...server,
    user: text('POSTGRES_MIGRATION_USER', {
      default: 'user_service_owner_login',
      description: 'Database user that owns the tables. Only migrations use it.',
    }),
    password: optionalSecret('POSTGRES_MIGRATION_PASSWORD', { description: 'Password of that user.' }),
    credentials: optionalSecret('POSTGRES_MIGRATION_CREDENTIALS', {
      parse: parseCredentials,
      description: 'User and password of migrations in one file, in the format of POSTGRES_CREDENTIALS.',
    }),
    lockTimeoutMs,
  },
  {
    description:
      'The database connection of `migrate`. Its user owns the tables, so no other process loads this section.',
  },
);
