import { join } from 'node:path';
import type { ConfigFault, Reading } from './config-error.ts';
import { isLaptopOrTest, variable, type Environment } from './environment.ts';
import { makeSecretFile } from './secret-file.ts';
import { secretFileName, type Setting } from './setting.ts';

export type SecretSource = { readonly env: Environment; readonly deployment: string; readonly secretsDir: string };

const openFile = (path: string, setting: Setting, named: boolean): Reading => {
  try {
    // A file named by <NAME>_FILE has to exist; the default path may be missing when the setting has a default.
    return { value: makeSecretFile(path, { fallback: named ? undefined : (setting.default as string | undefined) }) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && setting.optional && !named) return { value: undefined };
    const detail = code === undefined ? `is an empty file: ${path}` : `cannot be read from ${path} (${code})`;
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
  if (plain !== undefined) return { value: () => plain };
  return openFile(file ?? join(secretsDir, fileName), setting, file !== undefined);
};
