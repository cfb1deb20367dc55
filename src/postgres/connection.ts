import type { ConnectionOptions as TlsOptions } from 'node:tls';

import type { ClientBase, ClientConfig } from 'pg';

import { credentialsOf, type Login } from './credentials.ts';

/** `require` encrypts and trusts any certificate; `verify-full` verifies the certificate and its host name. */
export type TlsMode = 'disable' | 'require' | 'verify-full';

/** Credentials are read for each new connection, so rotated ones are used without a restart. */
export type ConnectionOptions = Login & {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly tls: TlsMode;
  /** PEM text of the certificate authorities for `verify-full`, called for each new connection. Default: the authorities that Node trusts. */
  readonly tlsCa?: (() => string) | undefined;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  /** The server cancels a statement after this time … */
  readonly statementTimeoutMs: number;
  /** … one that waits for a lock after this time … */
  readonly lockTimeoutMs: number;
  /** … and ends a connection whose transaction is idle for this time. */
  readonly idleInTransactionTimeoutMs: number;
};

/** How much longer the client waits than the server's statement timeout. After that, the network has failed and not the statement. */
const NETWORK_MARGIN_MS = 250;

/** pg copies the options for every connection, and so calls the getter. */
const toTls = (mode: Exclude<TlsMode, 'disable'>, ca: ConnectionOptions['tlsCa']): TlsOptions =>
  ca === undefined
    ? { rejectUnauthorized: mode === 'verify-full' }
    : {
        rejectUnauthorized: mode === 'verify-full',
        get ca() {
          return ca();
        },
      };

const toUserAndPassword = (options: ConnectionOptions): Pick<ClientConfig, 'user' | 'password'> => {
  const { user, password } = credentialsOf(options)();
  return { user, password };
};

/** How to connect now, with the credentials of now, for the service and the migrations. `prepareSession` must follow. */
export const toClientConfig = (options: ConnectionOptions): ClientConfig => ({
  host: options.host,
  port: options.port,
  database: options.database,
  ...toUserAndPassword(options),
  ssl: options.tls === 'disable' ? false : toTls(options.tls, options.tlsCa),
  application_name: options.applicationName,
  connectionTimeoutMillis: options.connectTimeoutMs,
  query_timeout: options.statementTimeoutMs + NETWORK_MARGIN_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
});

/**
 * The timeouts, and every setting that changes how values are written, parsed or looked up: a role, a database or a server may have
 * other defaults, which pg does not understand (it parses dates in ISO format only).
 */
const toSettings = (options: ConnectionOptions): Record<string, string> => ({
  statement_timeout: String(options.statementTimeoutMs),
  lock_timeout: String(options.lockTimeoutMs),
  idle_in_transaction_session_timeout: String(options.idleInTransactionTimeoutMs),
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  array_nulls: 'on',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  search_path: 'public',
  default_transaction_isolation: 'read committed',
});

// A statement and not startup parameters: PgBouncer refuses most of those, and it costs one round trip per connection.
const PREPARE = `
  SELECT current_setting('transaction_read_only') = 'on' AS read_only, count(set_config(name, value, false)) AS settings
  FROM unnest($1::text[], $2::text[]) AS setting (name, value)`;

/**
 * Applies the settings to a new connection. Every wait has a timeout afterwards.
 * @throws Error when the server accepts no writes, as a standby does, or a primary that was replaced
 */
export const prepareSession = async (client: ClientBase, options: ConnectionOptions): Promise<void> => {
  const settings = Object.entries(toSettings(options));
  const values = [settings.map(([name]) => name), settings.map(([, value]) => value)];
  const { rows } = await client.query<{ read_only: boolean }>(PREPARE, values);
  if (rows[0]?.read_only !== false) throw new Error('The database server accepts no writes.');
};
