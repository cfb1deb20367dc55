// Creates the secret files of a local run. The service reads them as in production.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const newPassword = (): string => randomBytes(24).toString('base64url');

/** Atomic: a start that is killed leaves no partial secret. Readable by its owner only. */
const writeSecret = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};

/** The text of the secret file `name`, which is created when it is missing. */
const readOrCreate = async (directory: string, name: string, make: () => string | Promise<string>): Promise<string> => {
  const path = join(directory, name);
  if (!existsSync(path)) writeSecret(path, await make());
  return readFileSync(path, 'utf8');
};

/**
 * @param directory of the files, created when missing
 * @param makeSigningKeys JWK set as JSON text
 * @param clients content of `auth_clients`, written at each start
 */
export const makeLocalSecrets = async (
  directory: string,
  makeSigningKeys: () => Promise<string>,
  clients: string,
): Promise<{ superuserPassword: string; ownerPassword: string; appPassword: string }> => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await readOrCreate(directory, 'auth_signing_keys', makeSigningKeys);
  writeSecret(join(directory, 'auth_clients'), clients);
  await readOrCreate(directory, 'http_management_token', newPassword);
  return {
    superuserPassword: await readOrCreate(directory, 'postgres_superuser_password', newPassword),
    ownerPassword: await readOrCreate(directory, 'postgres_migration_password', newPassword),
    appPassword: await readOrCreate(directory, 'postgres_password', newPassword),
  };
};
