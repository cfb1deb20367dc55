// The settings that `config` of the Helm chart takes, written into its schema: Helm rejects a mistyped one before anything reaches a cluster.

import { SECTIONS } from '../../src/config/schema.ts';
import { settingsOf, type Setting } from '../../src/config/setting.ts';

type Schema = { properties: { config: { properties: object } } };

/** Helm shows a value that does not match a pattern, and no value that a `not` rejects: a URL with a password must not be shown. */
const USER_INFORMATION = { type: 'string', pattern: String.raw`:[/\\]{2}.*@` };

/** Of a number or a boolean Helm checks only that it is one, and an empty text counts as not set. */
const constraintOf = ({ type, pattern }: Setting): object => {
  if (type !== 'string') return {};
  if (pattern === undefined) return { not: USER_INFORMATION };
  return { if: USER_INFORMATION, then: { not: {} }, else: { pattern: `^$|${pattern}` } };
};

/** Secrets are left out: they are files. */
const properties = (): object =>
  Object.fromEntries(
    Object.values(SECTIONS)
      .flatMap((section) => settingsOf(section).map(([, setting]) => setting))
      .filter(({ secret }) => !secret)
      .sort((a, b) => a.env.localeCompare(b.env))
      .map((setting) => [
        setting.env,
        { type: ['string', 'number', 'boolean'], ...constraintOf(setting), description: setting.description },
      ]),
  );

export const chartSchema = (current: string): string => {
  const schema = JSON.parse(current) as Schema;
  schema.properties.config.properties = properties();
  return `${JSON.stringify(schema, undefined, 2)}\n`;
};
