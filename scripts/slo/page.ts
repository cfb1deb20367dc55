// The tables of docs/slo.md: objectives, windows and alerts.

import { burnName, alertName, runbookOf } from './alerts.ts';
import { readCauses, readSlos, type Cause, type Slo } from './definitions.ts';
import { BURNS } from './windows.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const MINUTES_OF_30_DAYS = 30 * 24 * 60;

const objectives = (slos: readonly Slo[]): string =>
  table(
    ['name', 'objective', 'allowed in 30 days', 'valid events', 'failures', 'least failures'],
    slos.map(({ name, objective, valid, failures, least_failures }) => [
      `\`${name}\``,
      `${objective} %`,
      `${Number((100 - objective).toFixed(4))} %, or ${Math.round((MINUTES_OF_30_DAYS * (100 - objective)) / 100)} min of a total outage`,
      valid,
      failures,
      String(least_failures),
    ]),
  );

const windows = (): string =>
  table(
    ['severity', 'burn rate', 'long window', 'short window', 'budget used when it fires'],
    BURNS.map(({ severity, factor, long, short, share }) => [severity, `${factor}×`, long, short, share]),
  );

const causeRow = (cause: Cause): string[] => [
  `\`${alertName(cause.name)}\``,
  cause.severity,
  cause.for ?? '–',
  cause.summary,
  runbookOf('runbooks', cause.name),
];

const alerts = (slos: readonly Slo[]): string =>
  table(
    ['alert', 'severity', 'waits', 'says', 'runbook'],
    [
      ...slos.map((slo) => [
        `\`${alertName(burnName(slo))}\``,
        'page, ticket',
        '–',
        `The error budget is used up too fast: ${slo.title}`,
        runbookOf('runbooks', burnName(slo)),
      ]),
      ...readCauses().map(causeRow),
    ],
  );

const blockOf = (name: string): RegExp => new RegExp(`(<!-- ${name} -->\n).*?(<!-- /${name} -->)`, 's'); // eslint-disable-line security/detect-non-literal-regexp -- names of this file

/** docs/slo.md with its tables written again. */
export const sloPage = (current: string): string => {
  const { slos } = readSlos();
  const blocks = { objectives: objectives(slos), windows: windows(), alerts: alerts(slos) };
  return Object.entries(blocks).reduce(
    (page, [name, text]) =>
      page.replace(blockOf(name), (_, begin: string, end: string) => `${begin}\n${text}\n\n${end}`),
    current,
  );
};
