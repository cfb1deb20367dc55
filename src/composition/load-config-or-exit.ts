import { CONFIG_EXIT_CODE, ConfigError, describeFaults } from '../config/config-error.ts';
import { variable, type Environment } from '../config/environment.ts';
import { loadConfig } from '../config/load-config.ts';
import { packageVersion } from '../config/package-version.ts';
import type { Config, SectionName } from '../config/schema.ts';

/** The image sets DD_VERSION. Where nobody does, on a laptop say, the version in package.json is better than none. */
const withVersion = (env: Environment): Environment => ({
  ...env,
  DD_VERSION: variable(env, 'DD_VERSION') ?? packageVersion(),
});

/** The settings of `sections`. If any is invalid, all faults go to standard error and the process exits with 78. */
export const loadConfigOrExit = <const N extends SectionName>(
  env: Environment,
  sections: readonly N[],
): Config<N | 'service'> => {
  try {
    return loadConfig(withVersion(env), sections);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${describeFaults(error)}\n`);
    process.exit(CONFIG_EXIT_CODE);
  }
};
