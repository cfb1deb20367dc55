// Rotates the passwords of Redis and Kafka.

import { eventually } from '../../../test/support/eventually.ts';
import { KAFKA_USER } from '../servers.ts';
import type { Stack } from '../stack.ts';
import { isRead, rendered, writeKv } from './vault-data.ts';

const PATIENCE = { deadlineMs: 30_000, everyMs: 50 };
/** Of a connection that has not logged in, or is ours. */
const NOT_YET = /cmd=(?:NULL|auth|hello|client\|\w+) /;

/**
 * Two passwords are valid until the api has the new one. Then its connections are closed, so that it has to log in again.
 * @returns milliseconds until it had
 */
export const rotateRedisPassword = async (stack: Stack): Promise<number> => {
  const { redis } = stack.servers;
  const next = stack.secrets.make('password of Redis');
  await redis.add(next);
  await writeKv(stack, 'redis', { password: next });
  const { at } = await rendered(stack, 'api', 'redis_password', (content) => content === next);
  await isRead(stack, 'api', 'REDIS_PASSWORD', at);
  await redis.forget(next);
  stack.servers.passwords.redis = next;
  const start = performance.now();
  await redis.run(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
  await eventually(async () => {
    const clients = String(await redis.run(['CLIENT', 'LIST', 'TYPE', 'normal']))
      .trim()
      .split('\n');
    if (clients.every((client) => NOT_YET.test(client))) throw new Error('the api has not logged in to Redis again');
  }, PATIENCE);
  return performance.now() - start;
};

/**
 * SCRAM has one password for each user, and open connections stay. When both have read the new one, the connections are broken, so that
 * relay and worker have to log in again.
 * @returns milliseconds from its change in Kafka until both have read it: in this time no new connection is accepted
 */
export const rotateKafkaPassword = async (stack: Stack): Promise<number> => {
  const next = stack.secrets.make('password of Kafka');
  await stack.servers.kafka.setPassword(KAFKA_USER, next);
  stack.servers.passwords.kafka = next;
  const start = performance.now();
  await writeKv(stack, 'kafka', { password: next });
  for (const role of ['relay', 'worker'] as const) {
    const { at } = await rendered(stack, role, 'kafka_password', (content) => content === next);
    await isRead(stack, role, 'KAFKA_PASSWORD', at);
  }
  const gapMs = performance.now() - start;
  stack.servers.kafka.breakConnections();
  return gapMs;
};
