// The JSON schema of each line of the audit log, and the patterns that its fields have to match.

import { Type, type TObject, type TSchema } from 'typebox';

import { AUDIT_EVENTS, type AuditEvent, type AuditEventName } from './audit-events.ts';

/** Increased when a field is removed or gets another meaning. */
export const SCHEMA_VERSION = 1;

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** A client, a setting, a migration or a route; never an e-mail address, a token or a sentence. */
const NAME = '(?=.{1,100}$)(?!.*[A-Za-z0-9_-]{48})[/A-Za-z0-9_:.{}-]+';
const ADDRESS = '[0-9a-f.:]{2,39}(?:/[0-9]{1,3})?|unknown';

const matching = (pattern: string) => Type.String({ pattern: `^(?:${pattern})$` });

/** What fits one field of any event. */
export const FIELDS = {
  userId: matching(UUID),
  name: matching(NAME),
  address: matching(ADDRESS),
  requestId: matching('[\\w.-]{1,64}'),
  traceId: matching('[0-9a-f]{1,32}'),
};

const about = (kinds: readonly string[]) =>
  Type.Object(
    { kind: Type.Enum([...kinds]), id: Type.Optional(Type.Union([FIELDS.userId, FIELDS.name])) },
    { additionalProperties: false },
  );

const optional = (fields: Readonly<Record<string, TSchema>>): Record<string, TSchema> =>
  Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, Type.Optional(schema)]));

/** The JSON schema of a line of the audit log. */
export const schemaOf = (name: AuditEventName): TObject => {
  // eslint-disable-next-line security/detect-object-injection -- a name of the table
  const { description, outcomes, actors, targets, reasons, details, address }: AuditEvent = AUDIT_EVENTS[name];
  return Type.Object(
    {
      log: Type.Literal('audit'),
      schemaVersion: Type.Literal(SCHEMA_VERSION),
      timestamp: matching('\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z'),
      event: Type.Literal(name),
      outcome: Type.Enum([...outcomes]),
      actor: about(actors),
      ...(targets.length > 0 && { target: about(targets) }),
      ...(reasons.length > 0 && { reason: Type.Optional(Type.Enum([...reasons])) }),
      ...(Object.keys(details).length > 0 && {
        details: Type.Optional(Type.Object(optional(details), { additionalProperties: false })),
      }),
      ...(address && { address: Type.Optional(FIELDS.address) }),
      requestId: Type.Optional(FIELDS.requestId),
      traceId: Type.Optional(FIELDS.traceId),
      service: Type.String(),
      env: Type.String(),
      version: Type.String(),
    },
    { additionalProperties: false, description },
  );
};
