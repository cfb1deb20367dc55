import { join } from 'node:path';

import { CodedError, codeOf } from '../errors/coded-error.ts';
import type { ConfigFault, Reading } from './config-error.ts';
import { isLaptopOrTest, variable, type Environment } from './environment.ts';
import { makeSecretFile, type SecretFile } from './secret-file.ts';
import { secretFileName, type Setting } from './setting.ts';

export type SecretSource = { readonly env: Environment; readonly deployment: string; readonly secretsDir: string };

/** A value that is read again when its file changes. A file of certificates is no secret. */
export type ReReadSetting = SecretFile<unknown> & { readonly setting: string; readonly isSecret: boolean };

const isReRead = (value: unknown): value is ReReadSetting => typeof value === 'function' && 'setting' in value;

/** The settings of a config that are read again while the process runs. One that several sections share is returned once. */
export const reReadSettings = (config: Readonly<Record<string, object>>): ReReadSetting[] => {
  const values = Object.values(config).flatMap((section) => Object.values(section) as unknown[]);
  return [...new Map(values.filter(isReRead).map((value) => [value.setting, value])).values()];
};

/** @throws CodedError whose message continues a sentence that begins with the name of the setting */
type Parse = (text: string) => unknown;

const parseText: Parse = (text) => {
  if (text.includes('\0')) throw new CodedError('SECRET_INVALID', 'contains a NUL character');
  return text;
};
const parserOf =
  ({ parse = parseText }: Setting, deployment: string): Parse =>
  (text) =>
    parse(text, deployment);

type Opening = { readonly named: boolean; readonly deployment: string };

/** A file named by a variable has to exist; the default path may be missing when the setting has a default or is optional. */
const openFile = (path: string, setting: Setting, { named, deployment }: Opening): Reading => {
  const fallback = named ? undefined : (setting.default as string | undefined);
  try {
    const file = makeSecretFile(path, { parse: parserOf(setting, deployment), fallback });
    return { value: Object.assign(file, { setting: setting.env, isSecret: setting.secret }) };
  } catch (error) {
    const { message, cause } = error as CodedError;
    if (setting.optional && !named && codeOf(cause) === 'ENOENT') return { value: undefined };
    return { env: setting.env, detail: message };
  }
};

/** @returns the content of the file that the variable names, as a function; undefined without one */
export const readNamedFile = (setting: Setting, path: string | undefined, deployment: string): Reading =>
  path === undefined ? { value: undefined } : openFile(path, setting, { named: true, deployment });

const readPlain = (setting: Setting, text: string, deployment: string): Reading => {
  try {
    const value = parserOf(setting, deployment)(text);
    return { value: () => value };
  } catch (error) {
    const detail = error instanceof CodedError ? error.message : 'has a value that is not valid';
    return { env: setting.env, detail };
  }
};

/**
 * The secret as a function, undefined when it is optional and absent, or its fault.
 * `<NAME>_FILE` names its file. The default is SECRETS_DIR/<name in lower case>.
 */
export const readSecret = (setting: Setting, { env, deployment, secretsDir }: SecretSource): Reading => {
  const { env: name } = setting;
  const fileName = secretFileName(setting);
  const plain = variable(env, name);
  const file = variable(env, `${name}_FILE`);
  const fault = (detail: string): ConfigFault => ({ env: name, detail });

  if (plain !== undefined && !isLaptopOrTest(deployment))
    return fault(`must be a file (${name}_FILE, or ${fileName} in SECRETS_DIR) unless DD_ENV is local or test`);
  if (plain !== undefined && file !== undefined) return fault(`is set twice: keep either ${name} or ${name}_FILE`);
  if (plain !== undefined) return readPlain(setting, plain, deployment);
  return openFile(file ?? join(secretsDir, fileName), setting, { named: file !== undefined, deployment });
};
