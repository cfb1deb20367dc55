import { env } from 'node:process';

import type { KafkaServer, PostgresServer, RedisServer, RegistryServer, Running } from './servers.ts';

const toAddress = (name: string, text: string | undefined): URL => {
  if (text === undefined || text === '') throw new Error(`${name} is not set`);
  return new URL(text);
};

/** An external server: it is not stopped. */
const external = <S>(server: S): Running<S> => ({ server, stop: () => Promise.resolve() });

// eslint-disable-next-line @typescript-eslint/require-await -- a way rejects, it does not throw
export const postgresOfEnvironment = async (): Promise<Running<PostgresServer>> => {
  const { hostname: host, port, username, password } = toAddress('TEST_POSTGRES_URL', env.TEST_POSTGRES_URL);
  const [user, secret] = [username, password].map(decodeURIComponent) as [string, string];
  return external({ host, port: Number(port || 5432), user, password: secret });
};

// eslint-disable-next-line @typescript-eslint/require-await -- a way rejects, it does not throw
export const redisOfEnvironment = async (): Promise<Running<RedisServer>> => {
  const { hostname: host, port, password } = toAddress('TEST_REDIS_URL', env.TEST_REDIS_URL);
  const secret = decodeURIComponent(password);
  return external({ host, port: Number(port || 6379), ...(secret === '' ? {} : { password: secret }) });
};

// eslint-disable-next-line @typescript-eslint/require-await -- a way rejects, it does not throw
export const kafkaOfEnvironment = async (): Promise<Running<KafkaServer>> => {
  const brokers = (env.TEST_KAFKA_BROKERS ?? '').split(',').filter((broker) => broker !== '');
  if (brokers.length === 0) throw new Error('TEST_KAFKA_BROKERS is not set');
  return external({ brokers });
};

// eslint-disable-next-line @typescript-eslint/require-await -- a way rejects, it does not throw
export const registryOfEnvironment = async (): Promise<Running<RegistryServer>> => {
  const { href } = toAddress('TEST_REGISTRY_URL', env.TEST_REGISTRY_URL);
  return external({ url: href.replace(/\/$/, '') });
};
