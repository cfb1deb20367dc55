import type { ConnectionOptions as TlsOptions } from 'node:tls';

import type { ClientConfig } from 'pg';

/** `require` encrypts and trusts any certificate; `verify-full` verifies the certificate and its host name. */
export type TlsMode = 'disable' | 'require' | 'verify-full';

export type ConnectionOptions = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Called for each new connection, so a rotated password is used without a restart. */
  readonly password: () => string;
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

/** The settings of every connection, the service's and the migrations'. Every wait has a timeout. */
export const toClientConfig = (options: ConnectionOptions): ClientConfig => ({
  host: options.host,
  port: options.port,
  database: options.database,
  user: options.user,
  password: options.password,
  ssl: options.tls === 'disable' ? false : toTls(options.tls, options.tlsCa),
  application_name: options.applicationName,
  connectionTimeoutMillis: options.connectTimeoutMs,
  statement_timeout: options.statementTimeoutMs,
  lock_timeout: options.lockTimeoutMs,
  idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs,
  query_timeout: options.statementTimeoutMs + NETWORK_MARGIN_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
});
