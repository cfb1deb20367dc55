// The service on a server that is going to be lost: its database, Kafka with its topics, secrets, and processes that a test starts and ends.

import { randomUUID } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';

import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { makeDatabase } from '../../../src/postgres/administration/make-database.ts';
import { startProgram } from '../../support/child-process.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { makeServiceCodec, startServiceKafka, UNDER_LOAD } from '../../support/service-surroundings.ts';
import { LOGINS, migrate } from '../../support/template-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import type { ArchivingServer } from './archiving-server.ts';

export const DATABASE = 'user_service';

const settingsFor = (server: ArchivingServer, brokers: readonly string[], secrets: string) => {
  const redis = makeTestRedis();
  return {
    ...UNDER_LOAD,
    SECRETS_DIR: secrets,
    POSTGRES_HOST: server.host,
    POSTGRES_PORT: String(server.port),
    POSTGRES_DATABASE: DATABASE,
    POSTGRES_USER: LOGINS.appUser,
    REDIS_HOST: redis.host,
    REDIS_PORT: String(redis.port),
    REDIS_KEY_PREFIX: redis.keyPrefix,
    KAFKA_BROKERS: brokers.join(','),
    SCHEMA_REGISTRY_URL: inject('registry').url,
    CONSUMERS_GROUP: `worker-${randomUUID()}`,
    PAYMENTS_DELAY_MS: '0',
  };
};

export const makeService = async (server: ArchivingServer) => {
  const { ownerUser: ownerLogin, ownerPassword, appUser: appLogin, appPassword } = LOGINS;
  await makeDatabase({ ...server, database: DATABASE }, { ownerLogin, ownerPassword, appLogin, appPassword });
  await migrate(server, DATABASE);
  const secrets = await mkdtemp(join(server.folder, 'service-'));
  await writeFile(join(secrets, 'postgres_password'), appPassword);
  await writeFile(join(secrets, 'auth_signing_keys'), JSON.stringify({ keys: [await newSigningKey()] }));
  const [kafka, codec] = await Promise.all([startServiceKafka(), makeServiceCodec()]);
  const env = settingsFor(server, kafka.brokers, secrets);
  const running = new Set<ReturnType<typeof startProgram>>();

  /** Ready when the promise resolves. */
  const start = async (role: 'api' | 'relay' | 'worker', more: Readonly<Record<string, string>> = {}) => {
    const [port, managementPort] = [await freePort(), await freePort()];
    const ports = { HTTP_PORT: String(port), HTTP_MANAGEMENT_PORT: String(managementPort) };
    const program = startProgram(role, { env: { ...env, ...ports, ...more } });
    running.add(program);
    await eventually(
      async () => {
        const { ok } = await fetch(`http://127.0.0.1:${managementPort}/health/ready`);
        if (!ok) throw new Error(`${role} is not ready: ${program.output.stdout.slice(-1000)}`);
      },
      { deadlineMs: 60_000, everyMs: 50 },
    );
    return {
      url: `http://127.0.0.1:${port}/api/v1`,
      stop: async (): Promise<void> => {
        program.kill('SIGTERM');
        await program.exited;
        running.delete(program);
      },
    };
  };

  return {
    env,
    kafka,
    codec,
    start,
    close: async (): Promise<void> => {
      for (const program of running) {
        program.kill('SIGKILL');
        await program.exited;
      }
      await kafka.close();
    },
  };
};

export type Service = Awaited<ReturnType<typeof makeService>>;
