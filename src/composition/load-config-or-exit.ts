import { CONFIG_EXIT_CODE, ConfigError, describeFaults } from '../config/config-error.ts';
import type { Environment } from '../config/environment.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Config, SectionName } from '../config/schema.ts';

/** The settings of `rooms`; with a fault in them the whole report goes to standard error and the process ends before anything started. */
export const loadConfigOrExit = <const R extends SectionName>(
  env: Environment,
  rooms: readonly R[],
): Config<R | 'service'> => {
  try {
    return loadConfig(env, rooms);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${describeFaults(error)}\n`);
    process.exit(CONFIG_EXIT_CODE);
  }
};
