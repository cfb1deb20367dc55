import type { ConnectionOptions as TlsOptions } from 'node:tls';

/** The fields that the Kafka modules log; messages are constant. */
type LogFields = {
  readonly dependency?: 'kafka';
  readonly step?: string;
  readonly reason?: string;
  readonly group?: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: string;
  readonly attempt?: number;
  readonly retryInMs?: number;
  readonly err?: unknown;
};
type Write = (fields: LogFields, message: string) => void;

/** The logger that the Kafka modules need; one of pino has this shape. */
export type KafkaLog = { readonly debug: Write; readonly info: Write; readonly warn: Write; readonly error: Write };

/** Those that both client libraries implement. */
export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

/** How a client reaches the brokers. Each publisher and subscriber has its own connections. */
export type KafkaConnection = {
  /** Bootstrap brokers, `host:port`. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Encrypts, and verifies certificate and host name. */
  readonly tls: boolean;
  /** PEM text of the certificate authorities, called for every connection. Default: the authorities that Node trusts. It must not throw. */
  readonly tlsCa?: (() => string) | undefined;
  /** Default: `plain`, which sends the password itself, so use it with `tls`. */
  readonly saslMechanism?: SaslMechanism | undefined;
  /** Empty or absent: no authentication. */
  readonly username?: string | undefined;
  /** Called for every connection attempt, so a rotated password needs no restart. It must not throw. */
  readonly password?: (() => string) | undefined;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly logger: KafkaLog;
};

/** Options of node:tls. Both libraries copy them for every connection, and so call the getter. */
export const tlsOptions = ({ tlsCa }: Pick<KafkaConnection, 'tlsCa'>): TlsOptions =>
  tlsCa === undefined
    ? {}
    : {
        get ca() {
          return tlsCa();
        },
      };

/** A connection that checks whether the brokers respond. */
export type Probe = { check(): Promise<void>; close(): Promise<void> };

/** How often a client library retries a request before the call fails; with these delays for about six seconds. */
export const CLIENT_RETRIES = 8;
export const CLIENT_RETRY_DELAY = { firstMs: 100, maxMs: 1000 };
