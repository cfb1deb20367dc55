// The generated tables of ops/README.md: severities, what alerts begin, and roles.

import { alertName } from '../slo/alerts.ts';
import { duration, period, rulesOf } from './escalation.ts';
import { ROLES, SEVERITIES, type IncidentRules, type OnCall } from './oncall-schema.ts';
import { readCheckedOnCall } from './runbook-escalation.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const POST_MORTEM = { required: 'required', optional: 'if something can be learned', none: 'no' } as const;

const postMortem = ({ post_mortem: needed, post_mortem_days: days }: IncidentRules): string =>
  [POST_MORTEM[needed], ...(days === undefined ? [] : [`within ${days} working days`])].join(', '); // eslint-disable-line security/detect-object-injection -- one of three words

const severities = (onCall: OnCall): string =>
  table(
    ['severity', 'what it is', 'for example'],
    SEVERITIES.map((name) => {
      const { definition, examples } = rulesOf(onCall, name);
      return [`**${name}**`, definition, examples.join(' ')];
    }),
  );

const times = (onCall: OnCall): string =>
  table(
    ['severity', 'at once', 'acknowledge', 'first update', 'then every', 'not ended', 'closed by', 'post-mortem'],
    SEVERITIES.map((name) => {
      const rules = rulesOf(onCall, name);
      const within = (minutes: number): string => duration(minutes, rules.hours);
      const steps = rules.escalate.map(({ after_minutes: after, to }) => `after ${within(after)} ${to}`);
      return [
        `**${name}**`,
        rules.calls.join(', '),
        within(rules.acknowledge_minutes),
        within(rules.first_update_minutes),
        period(rules.update_minutes, rules.hours),
        steps.join(', '),
        rules.closes,
        postMortem(rules),
      ];
    }),
  );

const alerts = ({ alerts: { page, ticket, exceptions } }: OnCall): string =>
  table(
    ['alert', 'begins as', 'because'],
    [
      ['any other with `severity: page`', page, 'An objective is missed soon, or a process is gone.'],
      ['any other with `severity: ticket`', ticket, 'It is a cause. If users suffer from it, an objective pages.'],
      ...exceptions.map(({ alert, severity, because }) => [`\`${alertName(alert)}\``, severity, because]),
    ],
  );

const roles = (onCall: OnCall): string =>
  table(
    ['role', 'decides', 'schedule', 'channel'],
    ROLES.map((name) => {
      const { title, decides, schedule, channel } = onCall.roles[name]; // eslint-disable-line security/detect-object-injection -- one of ROLES
      return [`\`${name}\`: ${title}`, decides, `\`${schedule}\``, `\`${channel}\``];
    }),
  );

const rotation = ({ rotation: { length_days: days, handover }, time_zone: zone, working_day: day }: OnCall): string =>
  `A rotation takes ${days} days. It is handed over on ${handover.day} at ${handover.time} (${zone}), in a call of ${handover.takes_minutes} minutes. Working hours are ${day.from}–${day.to}, ${day.days[0] ?? ''} to ${day.days.at(-1) ?? ''}.`;

/** @returns ops/README.md with its blocks `<!-- name -->` … `<!-- /name -->` written anew */
export const opsPage = (current: string): string => {
  const onCall = readCheckedOnCall();
  const blocks = {
    severities: severities(onCall),
    times: times(onCall),
    alerts: alerts(onCall),
    roles: roles(onCall),
    rotation: rotation(onCall),
  };
  return Object.entries(blocks).reduce(
    (page, [name, text]) =>
      // eslint-disable-next-line security/detect-non-literal-regexp -- a key of blocks
      page.replace(new RegExp(`(<!-- ${name} -->)[^]*?(<!-- /${name} -->)`), (_, begin: string, end: string) =>
        [begin, '', text, '', end].join('\n'),
      ),
    current,
  );
};
