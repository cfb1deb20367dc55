import type { Log } from '../observability/log-fields.ts';

/** How a client reaches the brokers. Each publisher and subscriber has connections of its own. */
export type KafkaConnection = {
  /** `host:port` of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Encrypts, and checks certificate and host name. */
  readonly tls: boolean;
  /** SASL/PLAIN, so use it with `tls`. Empty or absent: no authentication. */
  readonly username?: string | undefined;
  /** Asked at every connection attempt, so a rotated password needs no restart. It must not throw. */
  readonly password?: (() => string) | undefined;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly logger: Log;
};

/** A connection that asks the brokers who they are. */
export type Probe = { ask(): Promise<void>; close(): Promise<void> };

/** How often a client tries a request again by itself before the call fails: with these delays, for six seconds. */
export const CLIENT_RETRIES = 8;
export const FIRST_RETRY_MS = 100;
export const LAST_RETRY_MS = 1000;
