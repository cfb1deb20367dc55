import type { Redis } from 'ioredis';

/** For readiness: rejects when Redis does not answer within the command timeout. */
export const makeRedisCheck = (redis: Redis) => async (): Promise<void> => {
  await redis.ping();
};
