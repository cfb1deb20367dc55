// The settings that `config` of the Helm chart takes, and the feature flags, written into its schema: Helm rejects a mistyped one before anything reaches a cluster.

import { SECTIONS } from '../../src/config/schema.ts';
import { settingsOf, type Setting } from '../../src/config/setting.ts';
import { definitionOf, FLAG_KEYS } from '../../src/flags/definitions.ts';

type Bounds = { readonly minimum?: number; readonly maximum?: number; readonly enum?: readonly string[] };
type Schema = { properties: { config: { properties: object }; featureFlags: { properties: object } } };

const SCALARS = ['string', 'number', 'boolean'];

/** Helm shows a value that does not match a pattern, and no value that a `not` rejects: a URL with a password must not be shown. */
const USER_INFORMATION = { type: 'string', pattern: String.raw`:[/\\]{2}.*@` };

/** The whole of a number, of a value in quotes too. Its bounds are checked by the process. */
const digitsOf = ({ minimum = 0, maximum = 0 }: Bounds): string =>
  `^$|^${minimum < 0 ? '-?' : ''}[0-9]{1,${String(maximum).length}}$`;

/** What a process would accept, as far as a schema can say it. An empty text counts as not set. */
const constraintOf = (setting: Setting & Bounds): object => {
  const { type, pattern, minimum, maximum } = setting;
  if (setting.enum !== undefined) return { enum: [...setting.enum, ''] };
  if (type === 'integer') return { type: ['integer', 'string'], minimum, maximum, pattern: digitsOf(setting) };
  if (type === 'boolean') return { enum: [true, false, 'true', 'false', ''] };
  if (type !== 'string') return { type: SCALARS };
  if (pattern === undefined) return { type: SCALARS, not: USER_INFORMATION };
  return { type: SCALARS, if: USER_INFORMATION, then: { not: {} }, else: { pattern: `^$|${pattern}` } };
};

/** Secrets are left out: they are files. */
const properties = (): object =>
  Object.fromEntries(
    Object.values(SECTIONS)
      .flatMap((section) => settingsOf(section).map(([, setting]) => setting))
      .filter(({ secret }) => !secret)
      .sort((a, b) => a.env.localeCompare(b.env))
      .map((setting) => [setting.env, { ...constraintOf(setting), description: setting.description }]),
  );

/** What a process would accept: it refuses a file with anything else. */
const flags = (): object =>
  Object.fromEntries(
    FLAG_KEYS.map((key) => {
      const { description, ...definition } = definitionOf(key);
      if (definition.type === 'boolean') return [key, { type: 'boolean', description }];
      const { minimum, maximum } = definition;
      return [key, { type: 'integer', minimum, maximum, description }];
    }),
  );

export const chartSchema = (current: string): string => {
  const schema = JSON.parse(current) as Schema;
  schema.properties.config.properties = properties();
  schema.properties.featureFlags.properties = flags();
  return `${JSON.stringify(schema, undefined, 2)}\n`;
};
