import { readFileSync } from 'node:fs';
import type { ConnectionOptions as TlsOptions } from 'node:tls';

import type { ClientConfig } from 'pg';

/** `require` encrypts and trusts any certificate; `verify-full` checks the certificate and the host's name in it. */
export type TlsMode = 'disable' | 'require' | 'verify-full';

export type ConnectionOptions = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Asked for each new connection, so a rotated password is used without a restart. */
  readonly password: () => string;
  readonly tls: TlsMode;
  /** PEM file of the authorities for `verify-full`; empty for the system's. */
  readonly tlsCaFile: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  /** The server ends a statement after this long … */
  readonly statementTimeoutMs: number;
  /** … one that waits for a lock after this long … */
  readonly lockTimeoutMs: number;
  /** … and a connection whose open transaction does nothing after this long. */
  readonly idleInTransactionTimeoutMs: number;
};

/** How much longer the client waits than the server works: beyond it the network is gone, not the statement slow. */
const NETWORK_MARGIN_MS = 250;

const toTls = (mode: Exclude<TlsMode, 'disable'>, caFile: string): TlsOptions => ({
  rejectUnauthorized: mode === 'verify-full',
  // eslint-disable-next-line security/detect-non-literal-fs-filename -- a path of the configuration
  ...(caFile !== '' && { ca: readFileSync(caFile, 'utf8') }),
});

/** The settings every connection has, the service's and the migrations'. Each wait in them ends by itself. */
export const toClientConfig = (options: ConnectionOptions): ClientConfig => ({
  host: options.host,
  port: options.port,
  database: options.database,
  user: options.user,
  password: options.password,
  ssl: options.tls === 'disable' ? false : toTls(options.tls, options.tlsCaFile),
  application_name: options.applicationName,
  connectionTimeoutMillis: options.connectTimeoutMs,
  statement_timeout: options.statementTimeoutMs,
  lock_timeout: options.lockTimeoutMs,
  idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs,
  query_timeout: options.statementTimeoutMs + NETWORK_MARGIN_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
});
