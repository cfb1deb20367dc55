// PostgreSQL, Redis, Kafka and the schema registry, each with passwords that can be changed while it runs.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeRoles } from '../../src/postgres/administration/make-roles.ts';
import { nativePostgres } from '../../test/support/native/postgres.ts';
import { nativeRedis } from '../../test/support/native/redis.ts';
import { startNativeRegistry } from '../../test/support/native/registry.ts';
import { makePrivateAuthority } from '../../test/support/private-authority.ts';
import { LOGINS, using } from '../../test/support/template-database.ts';
import { startTlsKafka } from '../../test/tls/support/tls-kafka.ts';
import type { Closings } from '../gameday/stacks/closings.ts';
import { makeRedis } from '../gameday/stacks/stores.ts';
import type { Secrets } from './secrets.ts';

export const DATABASE = 'user_service';
/** The user of the service in Kafka. */
export const KAFKA_USER = 'user-service';

const openPostgres = async (secrets: Secrets, closings: Closings) => {
  const { server, stop } = await nativePostgres();
  closings.push(stop);
  await using({ ...server, database: 'postgres' }, (client) => client.query(`CREATE DATABASE ${DATABASE}`));
  const administrator = { ...server, database: DATABASE };
  await using(administrator, (client) =>
    makeRoles(client, {
      ownerLogin: LOGINS.ownerUser,
      ownerPassword: secrets.make('password of PostgreSQL'),
      appLogin: LOGINS.appUser,
      appPassword: secrets.make('password of PostgreSQL'),
    }),
  );
  return administrator;
};

const openRedis = async (password: string, closings: Closings) => {
  const redis = await nativeRedis({ password });
  closings.push(redis.stop);
  let current = password;
  const run = (args: readonly string[]): Promise<unknown> => makeRedis({ ...redis.server, password: current })(args);
  return {
    ...redis.server,
    run,
    /** Both passwords are valid until `forget`. */
    add: (next: string) => run(['ACL', 'SETUSER', 'default', `>${next}`]),
    forget: async (next: string): Promise<void> => {
      const previous = current;
      current = next;
      await run(['ACL', 'SETUSER', 'default', `<${previous}`]);
    },
  };
};

const openKafka = async (folder: string, password: string, closings: Closings) => {
  const files = {
    folder,
    write: (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(`${path}.next`, text, { mode: 0o640 });
      renameSync(`${path}.next`, path);
      return path;
    },
  };
  const authority = makePrivateAuthority('Rotation');
  const kafka = await startTlsKafka(files, authority.issue());
  closings.push(kafka.close);
  await kafka.setPassword(KAFKA_USER, password);
  return { ...kafka, authorities: files.write('kafka-ca.pem', authority.pem) };
};

/** @param folder of their files, removed by the caller */
export const openServers = async (folder: string, secrets: Secrets, closings: Closings) => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passwords = { redis: secrets.make('password of Redis'), kafka: secrets.make('password of Kafka') };
  const results = await Promise.allSettled([
    openPostgres(secrets, closings),
    openRedis(passwords.redis, closings),
    openKafka(folder, passwords.kafka, closings),
    startNativeRegistry().then((registry) => {
      closings.push(registry.close);
      return registry;
    }),
  ]);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  const [postgres, redis, kafka, registry] = results.map(
    (result) => (result as PromiseFulfilledResult<unknown>).value,
  ) as [
    Awaited<ReturnType<typeof openPostgres>>,
    Awaited<ReturnType<typeof openRedis>>,
    Awaited<ReturnType<typeof openKafka>>,
    Awaited<ReturnType<typeof startNativeRegistry>>,
  ];
  return { postgres, redis, kafka, registry, passwords };
};

export type Servers = Awaited<ReturnType<typeof openServers>>;
