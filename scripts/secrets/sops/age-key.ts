// Where the age key of the person is. sops looks in more places; a key that `npm run secrets -- init` has made is in a folder that Git ignores.

import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { env, platform } from 'node:process';

import { variable } from '../../../src/config/environment.ts';

const OWN = '.local/sops/age-key.txt';
const RECOVERY = '.local/sops/recovery-key.txt';

/** Where sops looks by itself. */
const userKeys = (): string => {
  const home = platform === 'darwin' ? join(homedir(), 'Library/Application Support') : join(homedir(), '.config');
  return join(variable(env, 'XDG_CONFIG_HOME') ?? home, 'sops/age/keys.txt');
};

/** The file of the key: a given one, that of the user, or that of the project, which may not exist. */
export const keyFile = (): string => {
  const given = variable(env, 'SOPS_AGE_KEY_FILE');
  if (given !== undefined) return resolve(given);
  return existsSync(userKeys()) ? userKeys() : resolve(OWN);
};

export const recoveryKeyFile = (): string => resolve(RECOVERY);

/** A variable that lets sops find the key of the project, too. */
export const keyEnvironment = (): Readonly<Record<string, string>> =>
  existsSync(keyFile()) ? { SOPS_AGE_KEY_FILE: keyFile() } : {};

/** Only the owner may look into the folder; age-keygen does the same for the file. */
export const makeFolderOf = (file: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
};
