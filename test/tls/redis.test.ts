// The Redis client of the service on a Redis with TLS only.

import { join } from 'node:path';

import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { loadConfig } from '../../src/config/load-config.ts';
import { describeCauses } from '../../src/observability/describe-error.ts';
import { connectIfIdle, makeRedis, makeRedisCheck } from '../../src/redis/client.ts';
import { eventually } from '../support/eventually.ts';
import { makePrivateAuthority } from '../support/private-authority.ts';
import { commandLine } from './support/commands.ts';
import { useFiles } from './support/files.ts';
import { startTlsRedis, type TlsRedis } from './support/tls-redis.ts';

const USER = 'user-service';
const files = useFiles();
const before = makePrivateAuthority('Authority A');
const after = makePrivateAuthority('Authority B');
const named = () => before.issue({ addresses: [] });

let server: TlsRedis;
beforeAll(async () => {
  server = await startTlsRedis(files, named());
});
afterAll(() => server.close());
beforeEach(async () => {
  files.write('ca.pem', before.pem);
  files.write('other-ca.pem', after.pem);
  files.write('password', 'first');
  await server.administer('ACL', 'SETUSER', USER, 'reset', 'on', '>first', '~*', '+@all');
});

const clients: Redis[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

/** With the settings of a process, and the file `ca.pem`, if not said otherwise. */
const clientOf = (settings: Record<string, string> = {}) => {
  const ca = settings.REDIS_TLS_CA_FILE ?? 'ca.pem';
  const config = loadConfig(
    {
      ...{ DD_ENV: 'staging', REDIS_HOST: 'localhost', REDIS_PORT: String(server.port), REDIS_TLS: 'true' },
      ...{ REDIS_USERNAME: USER, REDIS_PASSWORD_FILE: join(files.folder, 'password') },
      ...{ REDIS_CONNECT_TIMEOUT_MS: '2000', REDIS_COMMAND_TIMEOUT_MS: '1000', ...settings },
      REDIS_TLS_CA_FILE: ca === '' ? '' : join(files.folder, ca),
    },
    ['redis'],
  );
  const client = makeRedis({ ...config.redis, onError: () => undefined });
  clients.push(client);
  return { client, check: makeRedisCheck(client) };
};
type Client = ReturnType<typeof clientOf>;

/** 'connected', or why not. */
const connect = async ({ client, check }: Client): Promise<string> => {
  await connectIfIdle(client);
  return check().then(
    () => 'connected',
    (error: unknown) => describeCauses(error),
  );
};
const becomes = (client: Client, expected: RegExp): Promise<void> =>
  eventually(
    async () => {
      expect(await connect(client)).toMatch(expected);
    },
    { deadlineMs: 20_000 },
  );

describe('the client', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    ['the authority and name of the server', {}, /^connected$/],
    ['another authority', { REDIS_TLS_CA_FILE: 'other-ca.pem' }, /unable to verify the first certificate/],
    ['no authority', { REDIS_TLS_CA_FILE: '' }, /unable to verify the first certificate/],
    ['another name', { REDIS_HOST: '127.0.0.1' }, /does not match certificate's altnames/],
    ['no TLS', { REDIS_TLS: 'false', REDIS_TLS_CA_FILE: '' }, /REDIS_TLS is false: does the server need TLS\?/],
  ])('with %s', async (_, settings, expected) => {
    await becomes(clientOf(settings), expected);
  });

  it('refuses a certificate that has expired', async () => {
    await server.present(before.issue({ days: -1 }));
    await becomes(clientOf(), /certificate has expired/);
    await server.present(named());
    await becomes(clientOf(), /^connected$/);
  });

  it('uses a rotated password without a restart, and keeps the last good one while the file is bad', async () => {
    const client = clientOf();
    await becomes(client, /^connected$/);
    files.write('password', '');
    await server.breakConnections(USER);
    await becomes(client, /^connected$/);

    const change = async (placeholder: string, password: string): Promise<void> => {
      const [command = '', ...args] = commandLine('ACL SETUSER', placeholder, password).split(' ');
      await server.administer(command, ...args);
      await server.breakConnections(USER);
    };
    await change('new-password', 'second');
    await becomes(client, /^connected$/);
    await change('old-password', 'first');
    await becomes(client, /WRONGPASS/);
    files.write('password', 'second');
    await becomes(client, /^connected$/);
  });

  it('goes on while the authority is replaced: both in the file, another certificate, the new one only', async () => {
    const client = clientOf();
    await becomes(client, /^connected$/);

    files.write('ca.pem', `${before.pem}${after.pem}`);
    await server.present(after.issue());
    await server.breakConnections(USER);
    await becomes(client, /^connected$/);

    files.write('ca.pem', after.pem);
    await server.present(before.issue());
    await eventually(async () => {
      await server.breakConnections(USER);
      expect(await connect(client)).toMatch(/unable to verify the first certificate/);
    });
    await server.present(after.issue());
    await becomes(client, /^connected$/);

    files.write('ca.pem', 'not a certificate');
    await server.breakConnections(USER);
    await becomes(client, /^connected$/);
  });
});
