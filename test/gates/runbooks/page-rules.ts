// Rules for the page as a whole: its parts, and what its front matter and its sentences name.

import { join } from 'node:path';

import { PARTS, withoutFences, type Runbook } from '../../../scripts/runbooks/runbook.ts';
import { lineOf, oneOf, type PageRule } from './fault.ts';
import type { DrillOfPage, World } from './world.ts';

/* eslint-disable security/detect-object-injection, security/detect-unsafe-regex -- they read our own files */

const PREFIX = 'UserService';
export const pageOf = (alert: string): string =>
  alert
    .replace(PREFIX, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase();

const hasParts: PageRule = ({ parts }) => {
  const wrong = PARTS.findIndex((heading, index) => parts[index]?.heading !== heading);
  const index = wrong < 0 ? PARTS.length : wrong;
  if (wrong < 0 && parts.length === PARTS.length)
    return parts
      .filter(({ text }) => text.trim() === '')
      .map(({ heading, line }) => ({ line, message: `the part "${heading}" is empty` }));
  const found = parts[index];
  return [
    {
      line: found?.line ?? 1,
      message: `the part "${PARTS.at(index) ?? 'none'}" is expected and "${found?.heading ?? 'none'}" is here; the parts are ${PARTS.join(', ')}`,
    },
  ];
};

const hasEscalation: PageRule = ({ parts }) =>
  parts
    .filter(
      ({ heading, text }) => heading === 'Escalation' && !/<!-- escalation -->[\s\S]*<!-- \/escalation -->/.test(text),
    )
    .map(({ line }) => ({ line, message: 'the lines <!-- escalation --> and <!-- /escalation --> are missing' }));

/** An alert leads to its own page, and from there to pages about one cause. */
const alertFault = (alert: string, { name }: Runbook, { alerts, linksOf }: World): string | undefined => {
  const own = pageOf(alert);
  if (!alerts.has(`${PREFIX}${alert}`))
    return `there is no alert ${alert} in observability/causes.yaml and slo.yaml (write it without ${PREFIX})`;
  return own === name || linksOf(own).includes(name)
    ? undefined
    : `${alert} leads to ${own}.md, which does not link to this page: add the link there, or remove the alert here`;
};

const ownsAlerts: PageRule = (page, world) => {
  const line = lineOf(page.text, 'alerts:');
  const missing = [...world.alerts]
    .filter((alert) => pageOf(alert) === page.name)
    .map((alert) => alert.replace(PREFIX, ''))
    .filter((alert) => !page.alerts.includes(alert));
  return [
    ...page.alerts.map((alert) => alertFault(alert, page, world)).filter((message) => message !== undefined),
    ...missing.map((alert) => `the alert of this page is missing: alerts: [${alert}]`),
  ].map((message) => ({ line, message }));
};

/** A page about an effect is drilled by the drill of a cause: the same alert, and a link to the page that ends it. */
const isLedTo = ({ alerts, text }: Runbook, { alert, runbook }: DrillOfPage): boolean =>
  alerts.includes(alert) && text.includes(`](${runbook}.md`);

const drillFaults = (page: Runbook, { drills }: World, name: string): string[] => {
  const drill = drills.get(name);
  if (drill === undefined)
    return [`there is no drill ${name} in scripts/gameday/drills.ts; there are ${oneOf(drills.keys())}`];
  if (drill.runbook !== page.name)
    return isLedTo(page, drill)
      ? []
      : [`the drill ${name} (${drill.alert}) runs ${drill.runbook}.md, to which this page does not lead`];
  const names = new Set(page.blocks.map((block) => block.name));
  return drill.blocks
    .filter((block) => !names.has(block))
    .map((block) => `the drill ${name} runs the block ${block}, which is not on this page; there are ${oneOf(names)}`);
};

const isDrilled: PageRule = (page, world) => {
  const line = lineOf(page.text, 'drills:');
  const others = [...world.drills].filter(
    ([drill, { runbook }]) => runbook === page.name && !page.drills.includes(drill),
  );
  return [
    ...page.drills.flatMap((drill) => drillFaults(page, world, drill)),
    ...others.map(([drill]) => `the drill ${drill} runs this page, which does not name it`),
  ].map((message) => ({ line, message }));
};

const namesDashboard: PageRule = ({ dashboard, text }, { dashboards }) =>
  dashboards.has(dashboard)
    ? []
    : [
        {
          line: lineOf(text, 'dashboard:'),
          message: `there is no dashboard ${dashboard}; there are ${oneOf(dashboards)}`,
        },
      ];

const onlyShell: PageRule = ({ text }) =>
  text.split('\n').flatMap((row, index) =>
    /^\s*```(?!sh )./.test(row)
      ? [
          {
            line: index + 1,
            message: `${row.trim()}: each fence is a block that runs: \`\`\`sh run=NAME [on=TARGET] [asks]`,
          },
        ]
      : [],
  );

type Mention = {
  readonly pattern: RegExp;
  readonly fault: (name: string, world: World, page: Runbook) => string | undefined;
};

/** Of OpenSSL, Node.js and Kafka. */
const FOREIGN_CODES = /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|ERR_TLS_|NODE_|NOT_ENOUGH_REPLICAS)/;

const variablesOf = ({ blocks }: Runbook): string => blocks.map(({ script }) => script).join('\n');

const MENTIONS: readonly Mention[] = [
  {
    pattern: /\]\(([^)\s]{1,200})/g,
    fault: (link, { exists, anchorsOf }) => {
      const [path = '', anchor] = link.split('#');
      const file = join('runbooks', path);
      if (/^\w+:/.test(path) || path === '') return undefined;
      if (!exists(file)) return `the link to ${path} leads nowhere`;
      if (anchor === undefined || anchorsOf(file).has(anchor)) return undefined;
      return `${path} has no heading #${anchor}`;
    },
  },
  {
    pattern:
      /`((?:src|scripts|docs|helm|compose|observability|runbooks|ops|migrations|api-specs|test|bench)\/[\w./-]*)`/g,
    fault: (path, { exists }) => (exists(path) ? undefined : `there is no ${path}`),
  },
  {
    pattern: /\b(UserService[A-Z]\w+)/g,
    fault: (alert, { alerts }) => (alerts.has(alert) ? undefined : `there is no alert ${alert}`),
  },
  {
    pattern: /`npm run (?:--silent )?([\w:-]+)/g,
    fault: (script, { npmScripts }) => (npmScripts.has(script) ? undefined : `there is no npm script ${script}`),
  },
  {
    pattern: /`([A-Z][A-Z\d]*(?:_[A-Z\d]+)+)(?:=[^`]*)?`/g,
    fault: (name, { capitals }, page) =>
      capitals.has(name) || FOREIGN_CODES.test(name) || variablesOf(page).includes(name)
        ? undefined
        : `${name} is no setting, no code of an error and no variable of a block of this page`,
  },
];

const mentionsWhatExists: PageRule = (page, world) => {
  const rows = withoutFences(page.text).split('\n');
  return rows.flatMap((row, index) =>
    MENTIONS.flatMap(({ pattern, fault }) =>
      [...row.matchAll(pattern)].flatMap(([, name = '']) => {
        const message = fault(name, world, page);
        return message === undefined ? [] : [{ line: index + 1, message }];
      }),
    ),
  );
};

export const PAGE_RULES: readonly PageRule[] = [
  hasParts,
  hasEscalation,
  ownsAlerts,
  isDrilled,
  namesDashboard,
  onlyShell,
  mentionsWhatExists,
];
