// The shape of observability/telemetry.yaml.

import { Type, type Static } from 'typebox';

const exact = { additionalProperties: false } as const;
const oneOf = <const T extends readonly string[]>(values: T) => Type.Enum([...values] as T[number][]);

export const PROCESSES = ['api', 'relay', 'worker', 'notification-service'] as const;
export type Process = (typeof PROCESSES)[number];

const processes = Type.Array(oneOf(PROCESSES), { minItems: 1, uniqueItems: true });
/** The reason why it may be absent although the process is documented to emit it. */
const when = Type.Optional(Type.String({ minLength: 10 }));

const labelRule = Type.Union([
  Type.Array(Type.String({ pattern: String.raw`^[\w./:*-]{1,64}$` }), { minItems: 1, uniqueItems: true }),
  Type.Object({ pattern: Type.String({ minLength: 1, format: 'regex' }) }, exact),
  Type.Object({ from: Type.Literal('routes') }, exact),
]);

const metric = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9_]*$' }),
    type: oneOf(['counter', 'gauge', 'histogram']),
    processes,
    labels: Type.Optional(Type.Record(Type.String({ pattern: '^[a-z][a-z_]*$' }), labelRule)),
    budget: Type.Integer({ minimum: 1 }),
    when,
    datadog: Type.Optional(
      Type.Object(
        {
          name: Type.String({ pattern: '^[a-z][a-z0-9.]*$' }),
          type: oneOf(['count', 'gauge', 'distribution', 'buckets']),
        },
        exact,
      ),
    ),
  },
  exact,
);

const named = Type.Object({ name: Type.String({ minLength: 1 }), processes, when }, exact);

export const CONTRACT = Type.Object(
  {
    series_per_process: Type.Integer({ minimum: 1 }),
    identity: Type.Array(Type.String(), { minItems: 1 }),
    routes: Type.Array(Type.String(), { minItems: 1, uniqueItems: true }),
    metrics: Type.Array(metric, { minItems: 1 }),
    log_fields: Type.Array(named, { minItems: 1 }),
    spans: Type.Array(named, { minItems: 1 }),
    span_attributes: Type.Array(named, { minItems: 1 }),
  },
  exact,
);

export type ContractDocument = Static<typeof CONTRACT>;
