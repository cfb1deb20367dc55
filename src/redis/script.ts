import type { Redis } from 'ioredis';

type Argument = string | number;

/**
 * A Lua script on one key, as a function. Redis runs it atomically. Its text is sent once per connection, then its SHA-1.
 * @param name unique, and not the name of a Redis command
 */
export const defineScript = <Reply>(redis: Redis, name: string, lua: string) => {
  redis.defineCommand(name, { lua, numberOfKeys: 1 });
  const scripts = redis as unknown as Record<string, (key: string, ...values: Argument[]) => Promise<Reply>>;
  return (key: string, ...values: Argument[]): Promise<Reply> => {
    // eslint-disable-next-line security/detect-object-injection -- `name` is the constant defined above
    const run = scripts[name];
    if (run === undefined) throw new TypeError('the script was not defined');
    return run.call(redis, key, ...values);
  };
};
