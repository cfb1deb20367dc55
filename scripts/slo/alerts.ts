// Alerts: on burn rates, two for each objective, and those of causes.yaml.

import { escalationSummary } from '../oncall/escalation.ts';
import type { OnCall } from '../oncall/oncall-schema.ts';
import { budgetOf, type Cause, type Severity, type Slo } from './definitions.ts';
import { selectorOf, type Objective } from './recordings.ts';
import { BURNS, type Burn } from './windows.ts';

export type Alert = {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

/** What differs between the deployments for which rules are made. */
export type Deployment = {
  readonly owner: string;
  readonly onCall: OnCall;
  /** Matchers of the service's series. */
  readonly scope: string;
  /** Labels that all rules set. */
  readonly labels: Readonly<Record<string, string>>;
  readonly upOf: (process: string) => string;
  readonly runbooks: string;
  readonly dashboards: string;
};

const kebab = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
const camel = (name: string): string =>
  name
    .split('-')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('');

/** A Prometheus may have the alerts of many services, a folder of runbooks has those of one. */
export const alertName = (name: string): string => `UserService${name}`;
export const burnName = ({ name }: Pick<Slo, 'name'>): string => `${camel(name)}Burn`;
export const runbookOf = (base: string, name: string): string => `${base}/${kebab(name)}.md`;

type Described = Pick<Cause, 'name' | 'severity' | 'summary' | 'description' | 'dashboard'>;

const annotationsOf = ({ name, severity, summary, description, dashboard }: Described, deployment: Deployment) => ({
  summary,
  description,
  runbook_url: runbookOf(deployment.runbooks, name),
  dashboard: `${deployment.dashboards}/${dashboard}`,
  owner: deployment.owner,
  escalation: escalationSummary(deployment.onCall, name, severity),
});

const ignoringWindow = (operator: string): string => `\n  ${operator} ignoring (sloth_window)\n  `;

const burning = ({ slo, labels }: Objective, { factor, long, short }: Burn): string => {
  const selector = selectorOf(labels);
  const conditions = [
    ...[short, long].map((window) => `slo:sli_error:ratio_rate${window}{${selector}} > (${factor} * ${budgetOf(slo)})`),
    `slo:failed_events:increase${long}{${selector}} >= ${slo.least_failures}`,
  ];
  const all = conditions.map((condition) => `(${condition})`).join(ignoringWindow('and'));
  return `(\n  ${all}\n)`;
};

const BURN_TEXTS: readonly (readonly [Severity, string])[] = [
  ['page', 'so fast that the budget of 30 days is gone within five days'],
  ['ticket', 'faster than allowed'],
];

/** The label sloth_window is removed: it would change while the alert fires, which looks like another alert. */
export const burnAlerts = (objective: Objective, deployment: Deployment): Alert[] =>
  BURN_TEXTS.map(([severity, text]) => {
    const { slo } = objective;
    const burns = BURNS.filter((burn) => burn.severity === severity).map((burn) => burning(objective, burn));
    const description = `{{ $value | humanizePercentage }} of the events fail, ${text}. Objective: ${slo.objective} %. ${slo.failures}`;
    return {
      alert: alertName(burnName(slo)),
      expr: `max without (sloth_window) (\n${burns.join('\nor ignoring (sloth_window)\n')}\n)`,
      labels: { severity, sloth_severity: severity, ...deployment.labels, ...objective.labels },
      annotations: annotationsOf(
        {
          ...slo,
          name: burnName(slo),
          severity,
          summary: `The error budget is used up too fast: ${slo.title}`,
          description,
        },
        deployment,
      ),
    };
  });

const filledIn = (expr: string, { scope, upOf }: Deployment): string =>
  expr.replaceAll('$scope', () => scope).replaceAll(/\$up\(([\w-]+)\)/g, (_all, process: string) => upOf(process));

export const causeAlert = (cause: Cause, deployment: Deployment): Alert => ({
  alert: alertName(cause.name),
  expr: filledIn(cause.expr, deployment),
  ...(cause.for !== undefined && { for: cause.for }),
  labels: { severity: cause.severity, ...deployment.labels },
  annotations: annotationsOf(cause, deployment),
});
