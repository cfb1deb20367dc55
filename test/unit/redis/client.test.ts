import { describe, expect, it } from 'vitest';

import { makeRedis } from '../../../src/redis/client.ts';

/** It never connects: only its decision about a reply is asked for. */
const makeDecide = () => {
  const redis = makeRedis({
    host: '127.0.0.1',
    port: 1,
    tls: false,
    keyPrefix: '',
    connectTimeoutMs: 100,
    commandTimeoutMs: 100,
    onError: () => undefined,
  });
  return (message: string) => redis.options.reconnectOnError?.(new Error(message));
};

describe('a connection whose server refuses a command', () => {
  it.each([
    "READONLY You can't write against a read only replica.",
    "READONLY You can't write against a read only replica. script: 0123abcd, on @user_script:4.",
    "ERR Error running script (call to f_0123abcd): @user_script:4: @user_script: 4: -READONLY You can't write against a read only replica.",
    'LOADING Redis is loading the dataset in memory',
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.',
    'NOREPLICAS Not enough good replicas to write.',
    'CLUSTERDOWN The cluster is down',
    'MOVED 3999 127.0.0.1:6381',
    'NOAUTH Authentication required.',
  ])('is left after: %s', (message) => {
    expect(makeDecide()(message)).toBe(true);
  });

  it.each([
    "OOM command not allowed when used memory > 'maxmemory'.",
    "ERR Error running script (call to f_0123abcd): @user_script:4: @user_script: 4: -OOM command not allowed when used memory > 'maxmemory'.",
    "NOPERM this user has no permissions to run the 'set' command",
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'BUSY Redis is busy running a script.',
    'NOSCRIPT No matching script.',
    "ERR unknown command 'READONLY', with args beginning with: 'x'",
    'WRONGTYPE Operation against a key holding the wrong kind of value',
  ])('is kept after: %s', (message) => {
    expect(makeDecide()(message)).toBe(false);
  });

  it('is not left again at once', () => {
    const decide = makeDecide();
    expect([decide('READONLY x'), decide('READONLY x')]).toEqual([true, false]);
  });
});
