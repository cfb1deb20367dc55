// Faults in front of the statements of a pool and the commands of Redis. The errors are those that pg and ioredis have for a lost connection and for a
// response that does not come, so everything behind them (error mapping, circuit breaker, readiness) does what it does in an outage.

import type { Redis } from 'ioredis';
import type { Pool, PoolClient } from 'pg';

import type { Call, Inject } from './inject.ts';

const withCode = (code: string, message: string, cause: Error): Error =>
  Object.assign(new Error(message, { cause }), { code });

type Query = (...args: unknown[]) => Promise<unknown>;

/** Statements of callers, not those that prepare a new connection. Call before the pool connects. */
export const addPoolFaults = <P extends Pool>(pool: P, inject: Inject): P => {
  const call: Call = {
    dependency: 'postgres',
    timeoutMs: Number(pool.options.query_timeout),
    failed: (cause) => withCode('ECONNRESET', 'Connection terminated unexpectedly', cause),
    timedOut: (cause) => withCode('57014', 'Query read timeout', cause),
  };
  return pool.on('connect', (client: PoolClient) => {
    const query = client.query.bind(client) as unknown as Query;
    const faulty: Query = async (...args) => {
      await inject(call);
      return query(...args);
    };
    Object.assign(client, { query: faulty });
  });
};

type Command = (...args: unknown[]) => Promise<unknown>;

/** The commands of a client and its scripts, not its connection. @returns a client to use instead of `redis` */
export const addRedisFaults = (
  redis: Redis,
  inject: Inject,
  { commandTimeoutMs }: { readonly commandTimeoutMs: number },
): Redis => {
  const call: Call = {
    dependency: 'redis',
    timeoutMs: commandTimeoutMs,
    failed: (cause) => new Error('Connection is closed.', { cause }),
    timedOut: (cause) => new Error('Command timed out', { cause }),
  };
  const commands = new Set(redis.getBuiltinCommands());
  const faulty = (command: Command): Command => {
    return async (...args) => {
      await inject(call);
      return command.apply(redis, args);
    };
  };
  const defineCommand: Redis['defineCommand'] = (name, definition) => {
    commands.add(name);
    redis.defineCommand(name, definition);
  };
  return new Proxy(redis, {
    get: (target, name) => {
      if (name === 'defineCommand') return defineCommand;
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return typeof name === 'string' && commands.has(name)
        ? faulty(value as Command)
        : (value.bind(target) as unknown);
    },
  });
};
