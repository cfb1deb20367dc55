// Rules between settings: what the type of a single setting can't say.

import type { ConfigFault } from './config-error.ts';

/** Valid values by variable name. A setting with a fault, or of a section that is not loaded, is absent and breaks no rule. */
type Values = ReadonlyMap<string, unknown>;

export type Rule = {
  /** For docs/configuration.md. */
  readonly text: string;
  /** Names the variable that has to change first. */
  readonly faultIn: (values: Values) => ConfigFault | undefined;
};

/** The number in the variable `larger` is greater than the one in `smaller`. */
export const exceeds = (larger: string, smaller: string): Rule => ({
  text: `\`${larger}\` is greater than \`${smaller}\``,
  faultIn: (values) => {
    const [a, b] = [values.get(larger), values.get(smaller)];
    if (typeof a !== 'number' || typeof b !== 'number' || a > b) return undefined;
    return { env: larger, detail: `must be greater than ${smaller} (${b})` };
  },
});

export const brokenRules = (rules: readonly Rule[], values: Values): ConfigFault[] =>
  rules.map(({ faultIn }) => faultIn(values)).filter((fault) => fault !== undefined);
