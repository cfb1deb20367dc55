// The tables of runbooks/README.md: what a person sees → the page that helps.

import { alertName, burnName } from '../slo/alerts.ts';
import { readCauses, readSlos, type Severity } from '../slo/definitions.ts';
import { ENVIRONMENT } from './environment.ts';
import type { Runbook } from './runbook.ts';

const severities = (): ReadonlyMap<string, Severity> =>
  new Map<string, Severity>([
    ...readSlos().slos.map((slo): [string, Severity] => [burnName(slo), 'page']),
    ...readCauses().map(({ name, severity }): [string, Severity] => [name, severity]),
  ]);

type Entry = Runbook & {
  /** The gravest of its alerts. Undefined without an alert. */
  readonly severity: Severity | undefined;
};

const EVENTS = ['user-service-events', 'user-service-business'];

/** Each page is in the first group that takes it. */
const GROUPS: readonly (readonly [title: string, takes: (entry: Entry) => boolean])[] = [
  ['It pages: users suffer now, or nobody can tell', ({ severity }) => severity === 'page'],
  ['Events, orders, e-mails', ({ dashboard }) => EVENTS.includes(dashboard)],
  ['PostgreSQL and Redis', ({ dashboard }) => dashboard === 'user-service-stores'],
  ['Processes, secrets, telemetry', ({ severity }) => severity !== undefined],
  ['No alert: somebody notices or asks', () => true],
];

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`);

const rowsOf = ({ name, title, symptoms, alerts, severity, drills }: Entry): string[] => {
  const shared = [
    `[${cell(title)}](${name}.md)`,
    alerts.map((alert) => `\`${alertName(alert)}\``).join(', ') || '–',
    severity ?? '–',
    drills.map((drill) => `\`${drill}\``).join(', ') || '–',
  ];
  return symptoms.map((symptom) => `| ${[cell(symptom), ...shared].join(' | ')} |`);
};

const HEAD = '| symptom | runbook | alert | severity | drill |\n| --- | --- | --- | --- | --- |';

/** @returns one table per group */
export const indexTables = (runbooks: readonly Runbook[]): string => {
  const known = severities();
  const entries = runbooks.map((page): Entry => {
    const found = page.alerts.map((alert) => known.get(alert));
    return { ...page, severity: found.includes('page') ? 'page' : found[0] };
  });
  return GROUPS.flatMap(([title, takes], index) => {
    const earlier = GROUPS.slice(0, index);
    const members = entries.filter((entry) => takes(entry) && !earlier.some(([, taken]) => taken(entry)));
    return members.length === 0 ? [] : [`### ${title}\n\n${HEAD}\n${members.flatMap(rowsOf).join('\n')}`];
  }).join('\n\n');
};

export const environmentTable = (): string =>
  [
    '| variable | on | is |',
    '| --- | --- | --- |',
    ...ENVIRONMENT.map(({ name, targets, meaning }) => `| \`${name}\` | ${targets.join(', ')} | ${meaning} |`),
  ].join('\n');
