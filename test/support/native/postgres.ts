import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startEmbeddedPostgres } from '../../../src/embedded/postgres/server.ts';
import type { PostgresServer, Running } from '../servers.ts';

/**
 * The PostgreSQL from npm, in a temporary folder, with durability disabled.
 * @param settings of the server, in addition
 */
export const nativePostgres = async (settings: Record<string, string> = {}): Promise<Running<PostgresServer>> => {
  const { stop, ...server } = await startEmbeddedPostgres({
    directory: await mkdtemp(join(tmpdir(), 'user-service-test-')),
    superuserPassword: 'postgres',
    persistent: false,
    settings: { fsync: 'off', full_page_writes: 'off', shared_buffers: '32MB', max_connections: '200', ...settings },
  });
  return { server, stop };
};
