import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigFault } from './config-error.ts';
import type { Environment } from './environment.ts';
import { makeSecretFile } from './secret-file.ts';
import { secretFileName, type Setting } from './setting.ts';

/** Where plain variables may hold secrets: a laptop and a test, never a deployment. */
const PLAIN_ENVS = ['local', 'test'];

export type SecretSource = { readonly env: Environment; readonly deployment: string; readonly secretsDir: string };

const openFile = (path: string, fallback: string | undefined): (() => string) | string => {
  try {
    return makeSecretFile(path, { fallback });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === undefined ? `is an empty file: ${path}` : `can't be read from ${path} (${code})`;
  }
};

/**
 * The secret as a function, undefined when it is optional and absent, or what is wrong with it.
 * `<NAME>_FILE` names its file; without it the file is SECRETS_DIR/<name in lower case>.
 */
export const readSecret = (setting: Setting, source: SecretSource): (() => string) | undefined | ConfigFault => {
  const { env: name, optional } = setting;
  const plain = source.env[name] ?? '';
  const file = source.env[`${name}_FILE`] ?? '';
  const fault = (detail: string): ConfigFault => ({ env: name, detail });

  if (plain !== '' && !PLAIN_ENVS.includes(source.deployment))
    return fault(
      `must come from a file (${name}_FILE or ${secretFileName(setting)} in SECRETS_DIR) unless DD_ENV is local or test`,
    );
  if (plain !== '' && file !== '') return fault(`is given twice: keep ${name} or ${name}_FILE`);
  if (plain !== '') return () => plain;

  const path = file === '' ? join(source.secretsDir, secretFileName(setting)) : file;
  if (optional && file === '' && !existsSync(path)) return undefined;
  // A file that someone named has to be there; the usual place may be empty when there is a default.
  const opened = openFile(path, file === '' ? (setting.default as string | undefined) : undefined);
  return typeof opened === 'function' ? opened : fault(opened);
};
