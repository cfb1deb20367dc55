import { isIP } from 'node:net';

import { Base, type BaseOptions } from '@platformatic/kafka';

import { CLIENT_RETRIES, CLIENT_RETRY_DELAY, tlsOptions, type KafkaConnection, type Probe } from '../connection.ts';
import { withRootCause } from '../root-cause.ts';
import { describeCauses } from '../../observability/describe-error.ts';
import { backoffMs } from '../../resilience/backoff.ts';

const MECHANISMS = { plain: 'PLAIN', 'scram-sha-256': 'SCRAM-SHA-256', 'scram-sha-512': 'SCRAM-SHA-512' } as const;

/** An address is no server name: https://www.rfc-editor.org/rfc/rfc6066#section-3 */
const hasName = (broker: string): boolean => isIP(broker.slice(0, broker.lastIndexOf(':'))) === 0;

/** Options of every @platformatic/kafka client. */
export const platformaticOptions = (connection: KafkaConnection): BaseOptions => {
  const { saslMechanism = 'plain', username, password } = connection;
  return {
    bootstrapBrokers: [...connection.brokers],
    clientId: connection.clientId,
    ...(connection.tls ? { tls: tlsOptions(connection), tlsServerName: connection.brokers.some(hasName) } : {}),
    ...(username && password ? { sasl: { mechanism: MECHANISMS[saslMechanism], username, password } } : {}),
    connectTimeout: connection.connectTimeoutMs,
    requestTimeout: connection.requestTimeoutMs,
    timeout: connection.requestTimeoutMs,
    retries: CLIENT_RETRIES,
    retryDelay: (_client, _operation, attempt) => backoffMs(attempt, CLIENT_RETRY_DELAY),
    autocreateTopics: false,
  };
};

export const openPlatformaticProbe = (connection: KafkaConnection): Promise<Probe> => {
  const client = new Base({
    ...platformaticOptions(connection),
    retryDelay: (_client, _operation, attempt, _retries, error) => {
      connection.logger.debug(
        { dependency: 'kafka', reason: describeCauses(withRootCause(error)) },
        'kafka client message',
      );
      return backoffMs(attempt, CLIENT_RETRY_DELAY);
    },
  });
  return Promise.resolve({
    check: async () => {
      await client.metadata({ forceUpdate: true });
    },
    close: () => client.close(),
  });
};
