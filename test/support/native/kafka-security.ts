// A Kafka whose listener for clients has TLS and SASL, as one in production, and the tool that administers its users.

import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { cached, run, runMaven } from './cache.ts';
import { fetchKafka } from './kafka.ts';

const TOOLS = 'org.apache.kafka:kafka-tools:4.4.0';
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
const LOGIN_MODULES = 'org.apache.kafka.common.security';

/** For the client listener, with its prefix. */
const listenerSettings = (keystore: string, plainUsers: string): Record<string, string> => ({
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  'plain.sasl.jaas.config': `${LOGIN_MODULES}.plain.PlainLoginModule required ${plainUsers};`,
  'scram-sha-256.sasl.jaas.config': `${LOGIN_MODULES}.scram.ScramLoginModule required;`,
  'scram-sha-512.sasl.jaas.config': `${LOGIN_MODULES}.scram.ScramLoginModule required;`,
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': keystore,
});

/**
 * Lines of server.properties: TLS, and users with PLAIN or SCRAM. The users of SCRAM are made with `kafka-configs.sh`.
 * @param keystore PEM file with the key of the server and its certificate
 */
export const saslSslSettings = (keystore: string, plain: Readonly<Record<string, string>> = {}): string[] => {
  const users = Object.entries(plain).map(([name, password]) => `user_${name}="${password}"`);
  return [
    'listener.security.protocol.map=CLIENT:SASL_SSL,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'num.network.threads=1', // each reads a renewed certificate by itself
    ...Object.entries(listenerSettings(keystore, users.join(' '))).map(
      ([name, value]) => `listener.name.client.${name}=${value}`,
    ),
  ];
};

/** @returns a folder for PATH with `kafka-configs.sh`, as Kafka's distribution has it; it is downloaded once (1 MB) */
export const kafkaTools = async (): Promise<string> => {
  const jars = await fetchKafka();
  return cached(`kafka-tools-${TOOLS.split(':').at(-1) ?? ''}`, async (folder) => {
    await runMaven([COPY, `-Dartifact=${TOOLS}`, `-DoutputDirectory=${folder}`], folder);
    const path = [join('$(dirname "$0")', '*'), join(jars, '*')].join(delimiter);
    const script = join(folder, 'kafka-configs.sh');
    await writeFile(script, `#!/bin/sh\nexec java ${QUIET} -cp "${path}" org.apache.kafka.tools.ConfigCommand "$@"\n`);
    await chmod(script, 0o755);
    await run(script, ['--version']);
  });
};
