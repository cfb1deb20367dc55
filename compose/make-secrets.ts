// Runs once before all other services of docker-compose.yml and generates the secrets of the project as files. An existing secret is kept, so that
// `up` can be repeated. Each folder is a volume that is mounted only by the service that reads it. Access is controlled by the mount, so the files
// are readable by any account: the service may run as any user.

import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = process.argv[2] ?? '/secrets';

const newPassword = (): string => randomBytes(24).toString('base64url');

/** A JWK set with one ES256 key, the format of AUTH_SIGNING_KEYS. */
const newSigningKeys = (): string => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: randomUUID() };
  return JSON.stringify({ keys: [key] });
};

/** Atomic: a run that is killed leaves no partial secret. */
const writeSecret = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text, { mode: 0o444 });
  renameSync(`${path}.new`, path);
};

/** Writes the same secret to each folder where it is missing and returns its text; `generate` is called when no folder has it. */
const ensureSecret = (name: string, folders: readonly string[], generate: () => string): string => {
  const paths = folders.map((folder) => join(ROOT, folder, name));
  const existing = paths.find((path) => existsSync(path));
  const text = existing === undefined ? generate() : readFileSync(existing, 'utf8');
  for (const path of paths) if (!existsSync(path)) writeSecret(path, text);
  return text;
};

ensureSecret('postgres_superuser_password', ['postgres'], newPassword);
ensureSecret('postgres_migration_password', ['postgres', 'migrations'], newPassword);
ensureSecret('postgres_password', ['postgres', 'api', 'events'], newPassword);
ensureSecret('auth_signing_keys', ['api'], newSigningKeys);

const redis = ensureSecret('redis_password', ['redis', 'api'], newPassword);
ensureSecret('redis.conf', ['redis'], () => `requirepass ${redis}\n`);

// user-service receives only the hashes of client secrets
const client = ensureSecret('user_service_client_secret', ['notification-service'], newPassword);
const secretSha256 = [createHash('sha256').update(client).digest('hex')];
ensureSecret('auth_clients', ['api'], () =>
  JSON.stringify({ 'notification-service': { secretSha256, scopes: ['users:read'] } }),
);
