// The secret files of the processes, and the content that each had before it was last replaced.

import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { newSigningKey } from '../../../../src/auth/tokens/new-signing-key.ts';
import { LOGINS } from '../../../../test/support/template-database.ts';

const OWNER_ONLY = 0o600;

const initialSecrets = async (): Promise<Record<string, string>> => {
  const clientSecret = randomBytes(24).toString('base64url');
  const secretSha256 = [createHash('sha256').update(clientSecret).digest('hex')];
  return {
    postgres_credentials: JSON.stringify({ username: LOGINS.appUser, password: LOGINS.appPassword }),
    postgres_migration_password: LOGINS.ownerPassword,
    auth_signing_keys: JSON.stringify({ keys: [await newSigningKey()] }),
    auth_clients: JSON.stringify({ 'notification-service': { secretSha256, scopes: ['users:read'] } }),
    notification_service_secret: clientSecret,
    http_management_token: randomBytes(32).toString('base64url'),
  };
};

/** @param folder is created, with new secrets */
export const makeSecretFiles = async (folder: string) => {
  const directory = join(folder, 'secrets');
  const history = join(folder, 'previous-secrets');
  mkdirSync(directory);
  mkdirSync(history);
  const pathOf = (file: string): string => join(directory, basename(file));
  const previousOf = (file: string): string => join(history, basename(file));

  /** By renaming, as Kubernetes does: a reader sees either the old or the new content. */
  const replace = async (path: string, content: string): Promise<void> => {
    await writeFile(`${path}.draft`, content, { mode: OWNER_ONLY });
    await rename(`${path}.draft`, path);
  };
  for (const [file, content] of Object.entries(await initialSecrets())) await replace(pathOf(file), content);

  const read = (file: string): Promise<string> => readFile(pathOf(file), 'utf8');
  const write = async (file: string, content: string): Promise<void> => {
    const previous = await read(file).catch(() => undefined);
    if (previous !== undefined) await replace(previousOf(file), previous);
    await replace(pathOf(file), content);
  };
  return {
    directory,
    read,
    write,
    /** @throws Error when the file was never replaced */
    restore: async (file: string): Promise<void> => {
      const previous = await readFile(previousOf(file), 'utf8').catch(() => undefined);
      if (previous === undefined) throw new Error(`${file} has no previous content.`);
      await write(file, previous);
    },
    list: async (): Promise<{ readonly file: string; readonly previous: boolean }[]> => {
      const replaced = new Set(await readdir(history));
      return (await readdir(directory))
        .toSorted((a, b) => a.localeCompare(b))
        .map((file) => ({ file, previous: replaced.has(file) }));
    },
  };
};

export type SecretFiles = Awaited<ReturnType<typeof makeSecretFiles>>;
