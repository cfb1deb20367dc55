// A Kafka with TLS and SASL, whose users and certificate change while it runs, and a proxy that breaks its connections.

import { freePort } from '../../support/free-port.ts';
import { startNativeKafka } from '../../support/native/kafka.ts';
import { kafkaTools, saslSslSettings } from '../../support/native/kafka-security.ts';
import type { KeyPair } from '../../support/private-authority.ts';
import { makeTcpProxy } from '../../support/tcp-proxy.ts';
import { runCommand } from './commands.ts';
import type { Files } from './files.ts';
import { presents } from './presented.ts';

export type TlsKafka = {
  /** `localhost` with TLS and SASL. */
  readonly brokers: readonly string[];
  /** Without TLS and authentication, for administration. */
  readonly internal: string;
  /** Another password of a user, with all mechanisms of SCRAM. */
  setPassword(user: string, password: string): Promise<void>;
  /** Another certificate for new connections. */
  present(pair: KeyPair): Promise<void>;
  /** Breaks all connections of the clients; they connect again. */
  breakConnections(): void;
  close(): Promise<void>;
};

const KEYSTORE = 'kafka-keystore.pem';

/** @param plain passwords of the users with PLAIN */
export const startTlsKafka = async (
  files: Files,
  pair: KeyPair,
  plain: Readonly<Record<string, string>> = {},
): Promise<TlsKafka> => {
  const keystore = ({ cert, key }: KeyPair): string => files.write(KEYSTORE, `${key}${cert}`);
  const settings = saslSslSettings(keystore(pair), plain);
  const port = await freePort();
  const proxy = await makeTcpProxy({ host: '127.0.0.1', port });
  const at = { port, advertisedHost: 'localhost', advertisedPort: proxy.port, settings };
  const [tools, kafka] = await Promise.all([kafkaTools(), startNativeKafka(at)]);
  const broker = { BROKER: kafka.internal, BROKER_ID: '1', LISTENER: 'client' };
  return {
    brokers: kafka.brokers,
    internal: kafka.internal,
    setPassword: async (user, password) => {
      for (const MECHANISM of ['SCRAM-SHA-256', 'SCRAM-SHA-512'])
        await runCommand(
          'kafka-password',
          { ...broker, KAFKA_USERNAME: user, MECHANISM, NEW_PASSWORD: password },
          tools,
        );
    },
    present: async (next) => {
      await runCommand('kafka-certificate', { ...broker, KEYSTORE: keystore(next) }, tools);
      await presents({ host: 'localhost', port }, next);
    },
    breakConnections: () => {
      proxy.down();
      proxy.up();
    },
    close: async () => {
      await Promise.all([kafka.close(), proxy.close()]);
    },
  };
};
