// The shape of ops/oncall.yaml.

import { Type, type Static } from 'typebox';

const exact = { additionalProperties: false } as const;
const oneOf = <const T extends readonly string[]>(values: T) => Type.Enum([...values] as T[number][]);

export const ROLES = [
  'primary',
  'secondary',
  'incident-commander',
  'database',
  'platform',
  'security',
  'product',
] as const;
export type Role = (typeof ROLES)[number];
/** Roles that a runbook names in `escalate`: those that know or decide something that the on-call does not. */
export const BEYOND_ON_CALL: readonly Role[] = ['database', 'platform', 'security', 'product'];

export const SEVERITIES = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const;
export type IncidentSeverity = (typeof SEVERITIES)[number];

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

const sentence = Type.String({ minLength: 10, pattern: String.raw`^[A-Z].*\.$` });
const time = Type.String({ pattern: '^(?:[01][0-9]|2[0-3]):[0-5][0-9]$' });
const minutes = Type.Integer({ minimum: 1 });

const role = Type.Object(
  {
    title: Type.String({ minLength: 3 }),
    decides: sentence,
    schedule: Type.String({ pattern: '^[A-Z][A-Z0-9-]+$' }),
    channel: Type.String({ pattern: '^#[a-z][a-z-]+$' }),
    handle: Type.String({ pattern: '^[a-z][a-z0-9-]+$' }),
  },
  exact,
);

const severity = Type.Object(
  {
    definition: sentence,
    examples: Type.Array(sentence, { minItems: 2 }),
    hours: oneOf(['always', 'working-day']),
    calls: Type.Array(oneOf(ROLES), { minItems: 1, uniqueItems: true }),
    acknowledge_minutes: minutes,
    first_update_minutes: minutes,
    update_minutes: minutes,
    escalate: Type.Array(Type.Object({ after_minutes: minutes, to: oneOf(ROLES) }, exact), { minItems: 1 }),
    closes: oneOf(ROLES),
    post_mortem: oneOf(['required', 'optional', 'none']),
    post_mortem_days: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  exact,
);

const exception = Type.Object(
  { alert: Type.String({ pattern: '^[A-Z][A-Za-z]+$' }), severity: oneOf(SEVERITIES), because: sentence },
  exact,
);

const url = Type.String({ pattern: '^https://' });
const catalogue = Type.Object(
  {
    system: Type.String({ pattern: '^[a-z][a-z-]+$' }),
    lifecycle: oneOf(['experimental', 'production', 'deprecated']),
    tier: Type.String({ minLength: 1 }),
    chat: url,
    pagerduty: Type.Object({ service_id: Type.String({ pattern: '^P[A-Z0-9]+$' }), service_url: url }, exact),
    opsgenie: Type.Object({ service_url: url, region: oneOf(['EU', 'US']) }, exact),
  },
  exact,
);

export const ONCALL = Type.Object(
  {
    service: Type.String({ minLength: 1 }),
    time_zone: Type.String({ minLength: 1 }),
    working_day: Type.Object({ from: time, to: time, days: Type.Array(oneOf(DAYS), { minItems: 1 }) }, exact),
    rotation: Type.Object(
      {
        length_days: Type.Integer({ minimum: 1, maximum: 14 }),
        handover: Type.Object({ day: oneOf(DAYS), time, takes_minutes: minutes }, exact),
      },
      exact,
    ),
    roles: Type.Object(Object.fromEntries(ROLES.map((name) => [name, role])) as Record<Role, typeof role>, exact),
    severities: Type.Object(
      Object.fromEntries(SEVERITIES.map((name) => [name, severity])) as Record<IncidentSeverity, typeof severity>,
      exact,
    ),
    catalogue,
    alerts: Type.Object(
      { page: oneOf(SEVERITIES), ticket: oneOf(SEVERITIES), exceptions: Type.Array(exception) },
      exact,
    ),
  },
  exact,
);

export type OnCall = Static<typeof ONCALL>;
export type IncidentRules = Static<typeof severity>;
