// The part Escalation of a runbook: written between its markers by `npm run docs`.

import { burnName } from '../slo/alerts.ts';
import { readCauses, readSlos, type Severity } from '../slo/definitions.ts';
import { duration, incidentSeverityOf, period, roleOf, rulesOf } from './escalation.ts';
import { BEYOND_ON_CALL, SEVERITIES, type IncidentSeverity, type OnCall, type Role } from './oncall-schema.ts';
import { onCallText, parseOnCall } from './read-oncall.ts';

/** What the front matter of a runbook says about it. */
export type Escalated = {
  /** Without the prefix of the service. */
  readonly alerts: readonly string[];
  /** A role beyond the on-call. */
  readonly escalate: string;
};

/** Severities of each alert: an objective has two alerts of one name. */
const alertSeverities = (): ReadonlyMap<string, readonly Severity[]> =>
  new Map<string, readonly Severity[]>([
    ...readSlos().slos.map((slo) => [burnName(slo), ['page', 'ticket']] as const),
    ...readCauses().map(({ name, severity }) => [name, [severity]] as const),
  ]);

/** ops/oncall.yaml, whose exceptions name alerts that exist. @throws Error with one line per fault */
export const readCheckedOnCall = (): OnCall => parseOnCall(onCallText(), [...alertSeverities().keys()]);

/** The severities with which an incident of these alerts may begin, and by which of them. @throws Error for an unknown alert */
const beginnings = (onCall: OnCall, alerts: readonly string[]): Map<IncidentSeverity, string[]> => {
  const known = alertSeverities();
  const found = alerts.flatMap((alert) => {
    const severities = known.get(alert);
    if (severities === undefined) throw new Error(`there is no alert ${alert}`);
    return severities.map((each) => ({
      incident: incidentSeverityOf(onCall, alert, each),
      text: severities.length > 1 ? `\`${alert}\` as a ${each}` : `\`${alert}\``,
    }));
  });
  const groups = SEVERITIES.map(
    (name) => [name, found.filter(({ incident }) => incident === name).map(({ text }) => text)] as const,
  );
  return new Map(groups.filter(([, texts]) => texts.length > 0).map(([name, texts]) => [name, [...texts]]));
};

const called = (onCall: OnCall, name: Role): string => {
  const { title, schedule } = roleOf(onCall, name);
  return `${title} (\`${schedule}\`)`;
};

const linesOf = (onCall: OnCall, name: IncidentSeverity, alerts: readonly string[]): string[] => {
  const rules = rulesOf(onCall, name);
  const within = (minutes: number): string => duration(minutes, rules.hours);
  const { channel } = roleOf(onCall, 'incident-commander');
  const first = [
    alerts.length === 0 ? `**${name}**.` : `${alerts.join(', ')}: begins as **${name}**.`,
    `At once: ${rules.calls.map((role) => called(onCall, role)).join(', ')}.`,
    `Acknowledge within ${within(rules.acknowledge_minutes)}.`,
    `First update in \`${channel}\` within ${within(rules.first_update_minutes)},`,
    `then every ${period(rules.update_minutes, rules.hours)}.`,
  ];
  const steps = rules.escalate.map(
    ({ after_minutes: after, to }) =>
      `  - Not acknowledged or not ended after ${within(after)}: call the ${called(onCall, to)}.`,
  );
  return [`- ${first.join(' ')}`, ...steps];
};

const beyond = (onCall: OnCall, name: string): string => {
  const role = BEYOND_ON_CALL.find((each) => each === name);
  if (role === undefined) throw new Error(`escalate: "${name}" is not one of ${BEYOND_ON_CALL.join(', ')}`);
  const { title, schedule, channel, decides } = roleOf(onCall, role);
  return `- Call the **${title}** (\`${schedule}\`, \`${channel}\`) when the immediate actions do not help, and before you decide what this role decides: ${decides}`;
};

/**
 * @param runbook the front matter of a page of runbooks/
 * @returns the text between the markers, without them
 * @throws Error for an unknown alert or role
 */
export const escalationText = ({ alerts, escalate }: Escalated, onCall = readCheckedOnCall()): string => {
  const groups = [...beginnings(onCall, alerts)];
  const begins =
    groups.length > 0
      ? groups.flatMap(([name, texts]) => linesOf(onCall, name, texts))
      : [
          '- No alert leads to this page: the on-call who follows it chooses the severity.',
          ...(['SEV1', 'SEV2'] as const).flatMap((name) => linesOf(onCall, name, [])),
        ];
  return [
    ...begins,
    beyond(onCall, escalate),
    '- Raise or lower the severity as soon as the effect on users is known: [table](../ops/README.md#severities).',
  ].join('\n');
};
