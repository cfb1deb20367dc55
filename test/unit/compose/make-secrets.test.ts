import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { loadConfig } from '../../../src/config/load-config.ts';

const PROGRAM = join(import.meta.dirname, '../../../compose/make-secrets.ts');
const FOLDERS = ['postgres', 'redis', 'migrations', 'api', 'events', 'notification-service'];

let root: string;
const run = () => execFileSync(process.execPath, [PROGRAM, root]);
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const readAll = () =>
  Object.fromEntries(
    FOLDERS.map((folder) => [folder, readdirSync(join(root, folder)).map((name) => read(`${folder}/${name}`))]),
  );

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'user-service-secrets-'));
  for (const folder of FOLDERS) mkdirSync(join(root, folder));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

it('writes to the folder of each service only the secrets that it reads', () => {
  run();
  expect(Object.fromEntries(FOLDERS.map((folder) => [folder, readdirSync(join(root, folder))]))).toEqual({
    postgres: ['postgres_migration_password', 'postgres_password', 'postgres_superuser_password'],
    redis: ['redis.conf', 'redis_password'],
    migrations: ['postgres_migration_password'],
    api: ['auth_clients', 'auth_signing_keys', 'http_management_token', 'postgres_password', 'redis_password'],
    events: ['http_management_token', 'postgres_password'],
    'notification-service': ['user_service_client_secret'],
  });
  expect(read('events/postgres_password')).toBe(read('postgres/postgres_password'));
});

it('generates secrets that the service accepts outside local mode', () => {
  run();
  const { auth } = loadConfig({ DD_ENV: 'compose', SECRETS_DIR: join(root, 'api') }, ['postgres', 'redis', 'auth']);
  expect(auth.clients().get('notification-service')).toMatchObject({ scopes: ['users:read'] });
  expect(auth.signingKeys().publicJwks).toMatchObject([{ alg: 'ES256', crv: 'P-256' }]);
});

it('keeps existing secrets and restores one that is missing from a folder', () => {
  run();
  const before = readAll();
  rmSync(join(root, 'events/postgres_password'));
  run();
  expect(readAll()).toEqual(before);
});

it('generates a new secret when all copies are missing', () => {
  run();
  const before = read('api/postgres_password');
  rmSync(join(root, 'api/postgres_password'));
  rmSync(join(root, 'events/postgres_password'));
  rmSync(join(root, 'postgres/postgres_password'));
  run();
  expect(read('api/postgres_password')).not.toBe(before);
});
