import type { BaseOptions } from '@platformatic/kafka';

import { CLIENT_RETRIES, FIRST_RETRY_MS, LAST_RETRY_MS, type KafkaConnection } from '../connection.ts';
import { backoffMs } from '../../resilience/backoff.ts';

/** What every client of @platformatic/kafka is made with. */
export const platformaticOptions = (connection: KafkaConnection): BaseOptions => {
  const { username, password } = connection;
  return {
    bootstrapBrokers: [...connection.brokers],
    clientId: connection.clientId,
    ...(connection.tls ? { tls: {}, tlsServerName: true } : {}),
    ...(username && password ? { sasl: { mechanism: 'PLAIN', username, password } } : {}),
    connectTimeout: connection.connectTimeoutMs,
    requestTimeout: connection.requestTimeoutMs,
    timeout: connection.requestTimeoutMs,
    retries: CLIENT_RETRIES,
    retryDelay: (_client, _operation, attempt) => backoffMs(attempt, { firstMs: FIRST_RETRY_MS, maxMs: LAST_RETRY_MS }),
    autocreateTopics: false,
  };
};
