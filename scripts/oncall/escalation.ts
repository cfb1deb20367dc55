// Which incident an alert begins, and who is called for it, in one line: for annotations of alerts and messages of monitors.

import type { IncidentRules, IncidentSeverity, OnCall, Role } from './oncall-schema.ts';

type AlertSeverity = 'page' | 'ticket';

/** @param alert without the prefix of the service */
export const incidentSeverityOf = ({ alerts }: OnCall, alert: string, severity: AlertSeverity): IncidentSeverity =>
  alerts.exceptions.find((exception) => exception.alert === alert)?.severity ??
  (severity === 'page' ? alerts.page : alerts.ticket);

/* eslint-disable security/detect-object-injection -- names are keys of a checked file */
export const rulesOf = ({ severities }: OnCall, name: IncidentSeverity): IncidentRules => severities[name];
export const roleOf = ({ roles }: OnCall, name: Role): OnCall['roles'][Role] => roles[name];
/* eslint-enable security/detect-object-injection */

const plural = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;

export const MINUTES_OF_WORKING_DAY = 8 * 60;

/** `10 minutes`, `2 hours`, or, of an incident that waits for working days, `1 working day`. */
export const duration = (minutes: number, hours: IncidentRules['hours']): string => {
  if (hours === 'working-day' && minutes >= MINUTES_OF_WORKING_DAY)
    return plural(minutes / MINUTES_OF_WORKING_DAY, 'working day');
  const working = hours === 'working-day' ? 'working ' : '';
  return minutes >= 60 && minutes % 60 === 0
    ? plural(minutes / 60, `${working}hour`)
    : plural(minutes, `${working}minute`);
};

/** `hour`, `30 minutes`: for "every …". */
export const period = (minutes: number, hours: IncidentRules['hours']): string =>
  duration(minutes, hours).replace(/^1 /, '');

/** Who is called, and after how long: `SEV2: primary acknowledges within 10 minutes; after 10 minutes secondary`. */
export const escalationSummary = (onCall: OnCall, alert: string, severity: AlertSeverity): string => {
  const name = incidentSeverityOf(onCall, alert, severity);
  const rules = rulesOf(onCall, name);
  const steps = rules.escalate.map(({ after_minutes: after, to }) => `after ${duration(after, rules.hours)} ${to}`);
  const first = `${name}: ${rules.calls.join(', ')}; acknowledge within ${duration(rules.acknowledge_minutes, rules.hours)}`;
  return [first, ...steps].join('; ');
};
