// The programs of the service, each connection with TLS and a private authority.

import { join } from 'node:path';

import { afterEach, expect, inject } from 'vitest';

import { startProgram } from '../../support/child-process.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { PATIENCE } from '../../support/patience.ts';
import type { Files } from './files.ts';
import type { TlsKafka } from './tls-kafka.ts';
import type { TlsPostgres } from './tls-postgres.ts';
import type { TlsRedis } from './tls-redis.ts';

export type Servers = { readonly postgres: TlsPostgres; readonly redis: TlsRedis; readonly kafka: TlsKafka };

/** As in a deployment: secrets are files, and DD_ENV is neither `local` nor `test`. */
export const settingsFor = ({ folder }: Files, { postgres, redis, kafka }: Servers): Record<string, string> => ({
  ...PATIENCE,
  ...{ DD_ENV: 'staging', DD_TRACE_ENABLED: 'false', SECRETS_DIR: folder, LIFECYCLE_DRAIN_DELAY_MS: '0' },
  ...{ HTTP_HOST: '127.0.0.1', HTTP_MANAGEMENT_HOST: '127.0.0.1' },
  ...{ POSTGRES_HOST: 'localhost', POSTGRES_PORT: String(postgres.port), POSTGRES_TLS: 'verify-full' },
  ...{ REDIS_HOST: 'localhost', REDIS_PORT: String(redis.port), REDIS_TLS: 'true', REDIS_USERNAME: 'user-service' },
  ...{ KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_TLS: 'true', KAFKA_CLIENT_ID: 'tls' },
  ...{ KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_USERNAME: 'user-service' },
  ...{ POSTGRES_TLS_CA_FILE: join(folder, 'ca.pem'), REDIS_TLS_CA_FILE: join(folder, 'ca.pem') },
  ...{ KAFKA_TLS_CA_FILE: join(folder, 'ca.pem'), SCHEMA_REGISTRY_URL: inject('registry').url },
  ...{ SCHEMA_REGISTRY_TIMEOUT_MS: '30000', KAFKA_CONNECT_TIMEOUT_MS: '10000', REDIS_COMMAND_TIMEOUT_MS: '5000' },
});

/** Ends what a test has started. */
export const usePrograms = () => {
  const programs: ReturnType<typeof startProgram>[] = [];
  afterEach(async () => {
    for (const program of programs.splice(0)) {
      program.kill('SIGKILL');
      await program.exited;
    }
  });

  /** Runs to its end. @returns exit code and output */
  const runProgram = async (name: string, args: string[], env: Record<string, string>) => {
    const program = startProgram(name, { args, env });
    programs.push(program);
    const code = await program.exited;
    return { code, text: `${program.output.stdout}${program.output.stderr}` };
  };

  const start = async (name: string, env: Record<string, string>) => {
    const [port, management] = [await freePort(), await freePort()];
    const ports = { HTTP_PORT: String(port), HTTP_MANAGEMENT_PORT: String(management) };
    const program = startProgram(name, { env: { ...env, ...ports } });
    programs.push(program);
    const ready = async () => {
      const response = await fetch(`http://127.0.0.1:${management}/health/ready`);
      return { status: response.status, text: await response.text() };
    };
    return {
      ...program,
      url: `http://127.0.0.1:${port}`,
      /** Waits for a readiness. */
      becomes: (status: number, expected: RegExp): Promise<void> =>
        eventually(
          async () => {
            const found = await ready();
            expect(found.status, program.output.stdout).toBe(status);
            expect(found.text).toMatch(expected);
          },
          { deadlineMs: 60_000 },
        ),
    };
  };
  return { runProgram, start };
};
