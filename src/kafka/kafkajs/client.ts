import kafkajs, { type Kafka, type RetryOptions, type SASLOptions } from 'kafkajs';

import { CLIENT_RETRIES, FIRST_RETRY_MS, LAST_RETRY_MS, type KafkaConnection } from '../connection.ts';
import { makeKafkajsLog } from './log.ts';
import { guardRequestQueue } from './request-queue.ts';

export const KAFKAJS_RETRY = {
  initialRetryTime: FIRST_RETRY_MS,
  maxRetryTime: LAST_RETRY_MS,
  factor: 0.2,
  multiplier: 2,
  retries: CLIENT_RETRIES,
} as const satisfies RetryOptions;

/** The object is read at every authentication, so the password can change. */
const saslOf = ({ username, password }: KafkaConnection): { sasl?: SASLOptions } =>
  username && password
    ? {
        sasl: {
          mechanism: 'plain',
          username,
          get password() {
            return password();
          },
        },
      }
    : {};

/** Make one for each producer or consumer: consumers of one instance share what they know of committed offsets. */
export const makeKafkajs = (connection: KafkaConnection): Kafka => {
  guardRequestQueue();
  return new kafkajs.Kafka({
    brokers: [...connection.brokers],
    clientId: connection.clientId,
    ssl: connection.tls,
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
