// docs/environments.md: what each environment changes, read from the values files of the Helm chart.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

const CHART = join(import.meta.dirname, '../../helm/user-service');

const HEAD = `# Environments

<!-- Written by \`npm run docs\` from helm/user-service/values*.yaml; a test fails when the two differ. -->

One chart, one image; this is all that differs. A dash: as in [values.yaml](../helm/user-service/values.yaml), which the second column shows.
`;

type Values = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Paths with dots, and what stands there. */
const leavesOf = (values: Values, path = ''): [string, unknown][] =>
  Object.entries(values).flatMap(([name, value]): [string, unknown][] =>
    isObject(value) && Object.keys(value).length > 0 ? leavesOf(value, `${path}${name}.`) : [[`${path}${name}`, value]],
  );

const read = (file: string): Map<string, unknown> =>
  new Map(leavesOf(parse(readFileSync(join(CHART, file), 'utf8')) as Values));

/** What nobody set, and what is empty, is a dash. */
const shown = (value: unknown): string => {
  const text = [value]
    .flat()
    .filter((part) => ['string', 'number', 'boolean'].includes(typeof part))
    .join(', ');
  return text === '' ? '–' : `\`${text}\``;
};

export const environmentsPage = (): string => {
  const defaults = read('values.yaml');
  // dev, staging, production
  const names = readdirSync(CHART)
    .flatMap((file) => /^values-(\w+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort((a, b) => (a === 'production' ? 1 : 0) - (b === 'production' ? 1 : 0) || a.localeCompare(b));
  const environments = names.map((name) => read(`values-${name}.yaml`));
  const paths = [...defaults.keys(), ...environments.flatMap((one) => [...one.keys()])];
  const changed = [...new Set(paths)].filter((path) => environments.some((one) => one.has(path)));
  const row = (path: string): string => {
    const cells = [defaults, ...environments].map((values) => shown(values.get(path)));
    return `| \`${path}\` | ${cells.join(' | ')} |`;
  };
  return [
    HEAD,
    `| value | default | ${names.join(' | ')} |`,
    `| --- | --- | ${names.map(() => '---').join(' | ')} |`,
    ...changed.map(row),
    '',
  ].join('\n');
};
