// Makes the secrets of a local run, as files: the same mechanism as in production, only the maker differs.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const newPassword = (): string => randomBytes(24).toString('base64url');

/** The text of the secret file `name`; `make` writes it when it is not there yet. Readable by its owner only. */
const keep = async (directory: string, name: string, make: () => string | Promise<string>): Promise<string> => {
  const path = join(directory, name);
  if (!existsSync(path)) writeFileSync(path, await make(), { mode: 0o600 });
  return readFileSync(path, 'utf8');
};

/**
 * @param directory where the files go, made when absent
 * @param makeSigningKeys JWK set as JSON text
 * @param clients content of `auth_clients`, written anew at each start
 */
export const makeLocalSecrets = async (
  directory: string,
  makeSigningKeys: () => Promise<string>,
  clients: string,
): Promise<{ superuserPassword: string; ownerPassword: string; appPassword: string }> => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await keep(directory, 'auth_signing_keys', makeSigningKeys);
  writeFileSync(join(directory, 'auth_clients'), clients, { mode: 0o600 });
  return {
    superuserPassword: await keep(directory, 'postgres_superuser_password', newPassword),
    ownerPassword: await keep(directory, 'postgres_migration_password', newPassword),
    appPassword: await keep(directory, 'postgres_password', newPassword),
  };
};
