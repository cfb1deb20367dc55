// An api process on secret files that a test changes.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { startProgram } from '../../support/child-process.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';

export const secrets = mkdtempSync(join(tmpdir(), 'user-service-secrets-'));
export const ANN = { username: 'ann', name: 'Ann', email: 'ann@example.com', password: 'three quiet rivers' };
export const key = await newSigningKey();
export const next = await newSigningKey();
export const CLIENTS = {
  svc: { secretSha256: [createHash('sha256').update('s3cret').digest('hex')], scopes: ['users:list'] },
};

export const write = (name: string, text: string): void => {
  writeFileSync(join(secrets, name), text);
};
export const writeKeys = (...keys: object[]): void => {
  write('auth_signing_keys', JSON.stringify({ keys }));
};

let database: TestDatabase;
beforeAll(async () => {
  database = await makeTestDatabase();
});
afterAll(async () => {
  await database.drop();
  rmSync(secrets, { recursive: true });
});

const programs: ReturnType<typeof startProgram>[] = [];
afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.kill('SIGKILL');
    await program.exited;
  }
});

/** @param execArgv of Node.js, for example to preload the tracer */
export const startApi = async (env: Record<string, string> = {}, execArgv: readonly string[] = []) => {
  write('postgres_password', database.appPassword);
  writeKeys(key);
  write('auth_clients', JSON.stringify(CLIENTS));
  const server = makeTestRedis();
  const [port, managementPort] = [await freePort(), await freePort()];
  const program = startProgram('api', {
    execArgv,
    env: {
      DD_ENV: 'staging',
      SECRETS_DIR: secrets,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: String(port),
      HTTP_MANAGEMENT_HOST: '127.0.0.1',
      HTTP_MANAGEMENT_PORT: String(managementPort),
      HTTP_STRICT_LIMIT_PER_MINUTE: '100000',
      POSTGRES_HOST: database.host,
      POSTGRES_PORT: String(database.port),
      POSTGRES_DATABASE: database.database,
      POSTGRES_USER: database.appUser,
      REDIS_HOST: server.host,
      REDIS_PORT: String(server.port),
      REDIS_KEY_PREFIX: server.keyPrefix,
      LIFECYCLE_DRAIN_DELAY_MS: '0',
      ...env,
      ...(server.password !== undefined && { REDIS_PASSWORD: server.password }),
    },
  });
  programs.push(program);

  const manage = async (path: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${managementPort}${path}`)).text();
  const call = async (path: string, options: { body?: object; token?: string } = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: options.body === undefined ? 'GET' : 'POST',
      headers: {
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
    });
    const text = await response.text();
    return { status: response.status, body: JSON.parse(text === '' ? '{}' : text) as Record<string, unknown> };
  };
  const becomes = (status: 'ready' | 'degraded') =>
    eventually(async () => {
      expect(JSON.parse(await manage('/health/ready'))).toMatchObject({ status });
    });
  await program.prints(/api is listening/);

  const logIn = () => call('/api/v1/auth/login', { body: { login: ANN.username, password: ANN.password } });
  return {
    program,
    server,
    url: `http://127.0.0.1:${port}`,
    managementUrl: `http://127.0.0.1:${managementPort}`,
    call,
    becomes,
    logIn,
    /** A gauge of a setting. */
    isValid: async (setting: string): Promise<string | undefined> =>
      (await manage('/metrics'))
        .split('\n')
        .find((line) => line.startsWith(`config_secret_valid{setting="${setting}"`))
        ?.at(-1),
    requestToken: () =>
      call('/api/v1/auth/token', {
        body: { client_id: 'svc', client_secret: 's3cret', grant_type: 'client_credentials' },
      }),
    kids: async () => ((await call('/.well-known/jwks.json')).body.keys as JWK[]).map(({ kid }) => kid),
    lines: (setting: string) =>
      program.output.stdout.split('\n').filter((line) => line.includes(`"setting":"${setting}"`)),
  };
};
