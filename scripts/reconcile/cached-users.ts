// Users in Redis may be newer than the restored database, or of users that it does not have. Nothing else is deleted: the list of revoked sessions must stay.

import type { Redis } from 'ioredis';

const BATCH = 1000;

/** Keys of redis/cached-user-reader.ts. */
const PATTERN = 'user:*';

const literal = (text: string): string => text.replaceAll(/[*?[\]\\]/g, String.raw`\$&`);

/** @param keyPrefix SCAN and what it returns have the prefix, which the client adds to the keys of other commands. @returns how many there were */
export const removeCachedUsers = async (redis: Redis, keyPrefix: string): Promise<number> => {
  let removed = 0;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', literal(keyPrefix) + PATTERN, 'COUNT', BATCH);
    cursor = next;
    if (keys.length > 0) removed += await redis.unlink(...keys.map((key) => key.slice(keyPrefix.length)));
  } while (cursor !== '0');
  return removed;
};
