// Runs once before all other services of docker-compose.yml and generates the secrets of the project as files. An existing secret is kept, so that
// `up` can be repeated. Each folder is a volume that is mounted only by the service that reads it. Access is controlled by the mount, so the files
// are readable by any account: the service may run as any user.

import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { missingSecrets, type Stored } from './secrets.ts';

const ROOT = process.argv[2] ?? '/secrets';
const FOLDERS = ['postgres', 'redis', 'migrations', 'api', 'events', 'notification-service'];

/** Atomic: a run that is killed leaves no partial secret. */
const writeSecret = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text, { mode: 0o444 });
  renameSync(`${path}.new`, path);
};

/** Agents of the profile `vault` render these, and render them again. Without the profile nobody renews what is in them. */
const OF_AGENTS = ['postgres_credentials', 'postgres_migration_credentials'];
for (const folder of FOLDERS) for (const name of OF_AGENTS) rmSync(join(ROOT, folder, name), { force: true });

const readFolder = (folder: string): Stored[string] =>
  Object.fromEntries(
    readdirSync(join(ROOT, folder)).map((name) => [name, readFileSync(join(ROOT, folder, name), 'utf8')]),
  );

const places = Object.fromEntries(FOLDERS.map((folder) => [folder, folder]));
const stored = Object.fromEntries(FOLDERS.map((folder) => [folder, readFolder(folder)]));
for (const [folder, secrets] of Object.entries(missingSecrets(places, stored)))
  for (const [name, text] of Object.entries(secrets)) writeSecret(join(ROOT, folder, name), text);
