// kafkajs as the service uses it: retries, authentication, logging, and a patch of its request queue.

import { createRequire } from 'node:module';

import kafkajs, { type Kafka, type LogEntry, type logCreator, type RetryOptions, type SASLOptions } from 'kafkajs';

import { patchRecordHeaders } from './raw-headers.ts';
import {
  CLIENT_RETRIES,
  CLIENT_RETRY_DELAY,
  tlsOptions,
  type KafkaConnection,
  type KafkaLog,
  type Probe,
} from '../connection.ts';

export const KAFKAJS_RETRY = {
  initialRetryTime: CLIENT_RETRY_DELAY.firstMs,
  maxRetryTime: CLIENT_RETRY_DELAY.maxMs,
  factor: 0.2,
  multiplier: 2,
  retries: CLIENT_RETRIES,
} as const satisfies RetryOptions;

type RequestQueue = {
  readonly pending: readonly unknown[];
  /** Milliseconds since the epoch; -1 when the broker does not throttle. */
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(this: RequestQueue): void;
};

const PATCHED = Symbol.for('user-service.kafkajs-request-queue');

/**
 * kafkajs 2.2.4 sets a timer with a negative delay again and again on every connection: a thousand wake-ups per second, and on Node 24 a
 * TimeoutNegativeWarning. No option disables it and the fix is not merged upstream, so the method is patched, once per process: the timer is
 * set only when there is something to wait for. https://github.com/tulios/kafkajs/issues/1704 · https://github.com/tulios/kafkajs/issues/1751
 */
const patchRequestQueue = (): void => {
  const require = createRequire(import.meta.url);
  const { prototype } = require('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };
  if (Object.hasOwn(prototype, PATCHED)) return;
  const schedule = prototype.scheduleCheckPendingRequests;
  Object.assign(prototype, {
    [PATCHED]: true,
    scheduleCheckPendingRequests(this: RequestQueue): void {
      if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
    },
  });
};

/** kafkajs logs at ERROR every response that it is about to retry; only these messages are about something that it gave up. */
const GIVEN_UP = /^(?:Caught error|Failed to execute listener|Error when calling)/;

/** Log lines of the client, with its message as a field. What a caller has to know reaches it as a rejection and is logged there. */
export const makeKafkajsLog =
  (logger: KafkaLog): logCreator =>
  () =>
  ({ level, namespace, log }: LogEntry) => {
    const fields = { dependency: 'kafka', step: namespace, reason: log.message } as const;
    if (level === kafkajs.logLevel.ERROR && GIVEN_UP.test(log.message)) logger.error(fields, 'kafka client error');
    else logger.debug(fields, 'kafka client message');
  };

/** kafkajs reads the object at every authentication, so the password can change. */
const saslOf = ({ saslMechanism = 'plain', username, password }: KafkaConnection): { sasl?: SASLOptions } =>
  username && password
    ? {
        sasl: {
          mechanism: saslMechanism as 'plain', // its type wants one object type for each mechanism
          username,
          get password() {
            return password();
          },
        },
      }
    : {};

/** Whether the broker has not accepted user and password. */
export const isRefused = (error: unknown): boolean =>
  error instanceof Error && (error instanceof kafkajs.KafkaJSSASLAuthenticationError || isRefused(error.cause));

/** Make one for each producer or consumer: consumers of one instance share their committed offsets. */
export const makeKafkajs = (connection: KafkaConnection): Kafka => {
  patchRequestQueue();
  patchRecordHeaders();
  return new kafkajs.Kafka({
    brokers: [...connection.brokers],
    clientId: connection.clientId,
    ssl: connection.tls && tlsOptions(connection),
    ...saslOf(connection),
    connectionTimeout: connection.connectTimeoutMs,
    authenticationTimeout: connection.requestTimeoutMs,
    requestTimeout: connection.requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: KAFKAJS_RETRY,
    logLevel: kafkajs.logLevel.WARN,
    logCreator: makeKafkajsLog(connection.logger),
  });
};

export const openKafkajsProbe = async (connection: KafkaConnection): Promise<Probe> => {
  const admin = makeKafkajs(connection).admin();
  await admin.connect();
  return {
    check: async () => {
      await admin.describeCluster();
    },
    close: () => admin.disconnect(),
  };
};
