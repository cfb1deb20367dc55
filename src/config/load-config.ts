// Reads the settings of the rooms that a process uses, once, before anything else starts.

import { ConfigError, type ConfigFault } from './config-error.ts';
import type { Environment } from './environment.ts';
import { readSecret, type SecretSource } from './read-secret.ts';
import { readSetting } from './read-setting.ts';
import { brokenRules } from './rules.ts';
import { ROOMS, type Config, type RoomName } from './schema.ts';
import { settingsOf, type Setting } from './setting.ts';
import { unknownVariables } from './unknown-variables.ts';

const knownNames = (): string[] =>
  Object.values(ROOMS)
    .flatMap((room) => settingsOf(room))
    .flatMap(([, { env, secret }]) => (secret ? [env, `${env}_FILE`] : [env]));

const readAny = (setting: Setting, source: SecretSource): { value: unknown } | ConfigFault => {
  if (!setting.secret) return readSetting(setting, source.env[setting.env]);
  const read = readSecret(setting, source);
  return typeof read === 'object' ? read : { value: read };
};

const textOr = (given: string | undefined, setting: object): string =>
  given === undefined || given === '' ? String((setting as Setting).default) : given;

/**
 * @param env usually `environment()`, or that with values of the caller's own on top
 * @param rooms the rooms to load; `service` is always one of them
 * @throws ConfigError with every fault at once
 */
export const loadConfig = <const R extends RoomName = RoomName>(
  env: Environment,
  rooms: readonly R[] = Object.keys(ROOMS) as R[],
): Config<R | 'service'> => {
  const { env: deployment, secretsDir } = ROOMS.service.properties;
  const source = {
    env,
    deployment: textOr(env['DD_ENV'], deployment),
    secretsDir: textOr(env['SECRETS_DIR'], secretsDir),
  };
  const values = new Map<string, unknown>();
  const faults = new Map<string, ConfigFault>();

  const readRoom = (room: RoomName): [RoomName, Record<string, unknown>] => {
    const loaded: Record<string, unknown> = {};
    for (const [property, setting] of settingsOf(ROOMS[room])) {
      const read = readAny(setting, source);
      if ('detail' in read) faults.set(setting.env, read);
      else if (read.value !== undefined) {
        values.set(setting.env, read.value);
        loaded[property] = read.value;
      }
    }
    return [room, loaded];
  };

  const config = Object.fromEntries([...new Set<RoomName>(['service', ...rooms])].map((room) => readRoom(room)));
  const all = [...faults.values(), ...brokenRules(values), ...unknownVariables(env, knownNames())];
  if (all.length > 0) throw new ConfigError(all);
  return config as Config<R | 'service'>;
};
