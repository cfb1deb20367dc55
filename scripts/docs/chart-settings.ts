// The settings that `config` of the Helm chart takes, written into its schema: Helm rejects a mistyped one before anything reaches a cluster.

import { SECTIONS } from '../../src/config/schema.ts';
import { settingsOf } from '../../src/config/setting.ts';

type Schema = { properties: { config: { properties: object } } };

/** Of a number or a boolean Helm checks only that it is one, and an empty text counts as not set. */
const patternOf = (pattern: string | undefined): { pattern?: string } =>
  pattern === undefined ? {} : { pattern: `^$|${pattern}` };

/** Secrets are left out: they are files. */
const properties = (): object =>
  Object.fromEntries(
    Object.values(SECTIONS)
      .flatMap((section) => settingsOf(section).map(([, setting]) => setting))
      .filter(({ secret }) => !secret)
      .sort((a, b) => a.env.localeCompare(b.env))
      .map(({ env, description, pattern }) => [
        env,
        { type: ['string', 'number', 'boolean'], ...patternOf(pattern), description },
      ]),
  );

export const chartSchema = (current: string): string => {
  const schema = JSON.parse(current) as Schema;
  schema.properties.config.properties = properties();
  return `${JSON.stringify(schema, undefined, 2)}\n`;
};
