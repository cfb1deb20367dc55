// A Kafka with TLS and SASL, whose users and certificate change while it runs.

import { join } from 'node:path';

import { run } from '../../support/native/cache.ts';
import { startNativeKafka, type NativeKafka } from '../../support/native/kafka.ts';
import { kafkaTools, saslSslSettings } from '../../support/native/kafka-security.ts';
import type { KeyPair } from '../../support/private-authority.ts';
import type { Files } from './files.ts';

export type TlsKafka = NativeKafka & {
  /** With Kafka's own tool, over the listener without TLS. */
  configure(...args: string[]): Promise<string>;
  /** Another password of a user, with all mechanisms of SCRAM. */
  setPassword(user: string, password: string): Promise<void>;
  /** Another certificate for new connections. */
  present(pair: KeyPair): Promise<void>;
};

const NAME = 'kafka-keystore.pem';

/** For `localhost`. @param plain passwords of the users with PLAIN. @param further lines of server.properties */
export const startTlsKafka = async (
  files: Files,
  pair: KeyPair,
  plain: Readonly<Record<string, string>> = {},
  further: readonly string[] = [],
): Promise<TlsKafka> => {
  const keystore = ({ cert, key }: KeyPair): string => files.write(NAME, `${key}${cert}`);
  const settings = [...saslSslSettings(keystore(pair), plain), ...further];
  const [tools, kafka] = await Promise.all([kafkaTools(), startNativeKafka({ advertisedHost: 'localhost', settings })]);
  const configure = (...args: string[]): Promise<string> =>
    run(join(tools, 'kafka-configs.sh'), ['--bootstrap-server', kafka.internal, ...args]);
  return {
    ...kafka,
    configure,
    setPassword: async (user, password) => {
      // one mechanism per request
      for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'])
        await configure(
          ...['--alter', '--entity-type', 'users', '--entity-name', user],
          ...['--add-config', `${mechanism}=[password=${password}]`],
        );
    },
    present: async (next) => {
      const setting = `listener.name.client.ssl.keystore.location=${keystore(next)}`;
      await configure(...['--alter', '--entity-type', 'brokers', '--entity-name', '1', '--add-config', setting]);
    },
  };
};
