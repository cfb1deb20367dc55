// Runs once before everything else in docker-compose.yml, and makes the secrets of this project as files. A secret that is there stays as it is, so
// that `up` may come again. Each folder is a volume, mounted by the one service that reads it: who can't see a volume can't read its secrets, and
// so the files themselves may be readable by any account, whichever that service runs as.

import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = process.argv[2] ?? '/secrets';

const newPassword = (): string => randomBytes(24).toString('base64url');

/** One ES256 key, as AUTH_SIGNING_KEYS wants it. */
const newSigningKeys = (): string => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: randomUUID() };
  return JSON.stringify({ keys: [key] });
};

/** Whole or not at all: a run that is killed leaves no half secret behind. */
const write = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text, { mode: 0o444 });
  renameSync(`${path}.new`, path);
};

/** The text of the secret, the same in each of the folders; `make` is asked when none of them has it. */
const keep = (name: string, folders: readonly string[], make: () => string): string => {
  const paths = folders.map((folder) => join(ROOT, folder, name));
  const known = paths.find((path) => existsSync(path));
  const text = known === undefined ? make() : readFileSync(known, 'utf8');
  for (const path of paths) if (!existsSync(path)) write(path, text);
  return text;
};

keep('postgres_superuser_password', ['postgres'], newPassword);
keep('postgres_migration_password', ['postgres', 'migrations'], newPassword);
keep('postgres_password', ['postgres', 'api', 'events'], newPassword);
keep('auth_signing_keys', ['api'], newSigningKeys);

const redis = keep('redis_password', ['redis', 'api'], newPassword);
keep('redis.conf', ['redis'], () => `requirepass ${redis}\n`);

// user-service knows the secrets of its clients as hashes only
const client = keep('user_service_client_secret', ['notification-service'], newPassword);
const secretSha256 = [createHash('sha256').update(client).digest('hex')];
keep('auth_clients', ['api'], () =>
  JSON.stringify({ 'notification-service': { secretSha256, scopes: ['users:read'] } }),
);
