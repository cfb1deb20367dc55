// SQL and commands of Redis, over TCP: for stacks whose servers have a port on this machine.

import { Redis, type RedisOptions } from 'ioredis';
import type { Client, ClientConfig } from 'pg';

import { using } from '../../../test/support/template-database.ts';
import type { Stack } from './stack.ts';

const CONNECT_TIMEOUT_MS = 5000;
const STATEMENT_TIMEOUT_MS = 30_000;

/** A server that hangs must not hang the drill. */
export const PATIENT = { connectionTimeoutMillis: CONNECT_TIMEOUT_MS, query_timeout: STATEMENT_TIMEOUT_MS };

const ignore = (): void => undefined;

/** One connection for each call. */
export const makeSql =
  (connection: ClientConfig): Stack['sql'] =>
  (text) =>
    using(connection, async (client: Client) => {
      const result = (await client.query<Record<string, unknown>>(text)) as unknown;
      // several statements have several results: the last one counts
      const [last] = [result].flat().slice(-1) as { rows: Record<string, unknown>[] }[];
      return last?.rows ?? [];
    });

export const makeRedis =
  (address: Pick<RedisOptions, 'host' | 'port' | 'password'>): Stack['redis'] =>
  async ([command = 'PING', ...args]) => {
    const options = { connectTimeout: 2000, commandTimeout: CONNECT_TIMEOUT_MS, maxRetriesPerRequest: 0 };
    const client = new Redis({ ...address, ...options, lazyConnect: true });
    client.on('error', ignore);
    try {
      await client.connect();
      return await client.call(command, ...args);
    } finally {
      client.disconnect();
    }
  };
