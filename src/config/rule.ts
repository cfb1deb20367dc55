// Rules between settings: what the type of a single setting can't say.

import type { ConfigFault } from './config-error.ts';

/** Valid values by variable name. A setting with a fault, or of a section that is not loaded, is absent and breaks no rule. */
type Values = ReadonlyMap<string, unknown>;

export type Rule = {
  /** For docs/configuration.md. */
  readonly text: string;
  /** Names the variable that has to change first. `faulty` are the settings that have a fault of their own. */
  readonly faultIn: (values: Values, faulty: ReadonlySet<string>) => ConfigFault | undefined;
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

const code = (name: string): string => `\`${name}\``;

/** At least one of these secrets exists. `loaded` is another setting of their section: a process that has not loaded it needs none. */
export const needsOne = (loaded: string, [first, ...others]: readonly [string, ...string[]]): Rule => ({
  text: `${code(first)} is a file, or ${others.map(code).join(', ')} is`,
  faultIn: (values, faulty) => {
    const isKnown = (name: string): boolean => values.has(name) || faulty.has(name);
    if (!isKnown(loaded) || [first, ...others].some(isKnown)) return undefined;
    const detail = `must be a file (${first}_FILE, or ${first.toLowerCase()} in SECRETS_DIR) unless ${others.join(' or ')} is one`;
    return { env: first, detail };
  },
});

export const brokenRules = (
  rules: readonly Rule[],
  values: Values,
  faulty: ReadonlySet<string> = new Set(),
): ConfigFault[] => rules.map(({ faultIn }) => faultIn(values, faulty)).filter((fault) => fault !== undefined);
