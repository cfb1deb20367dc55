// The allow-list of log fields: every other field is dropped from every line. Values are plain (string, number, boolean);
// objects are dropped, because they may contain personal data. Do not add an e-mail, name, token or body.

import { describeError } from './describe-error.ts';

type Plain = string | number | boolean | undefined;

const plain = (value: unknown): Plain =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;

/** Only for the masked configuration that is logged at the start. */
const flat = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value).map(([key, item]: [string, unknown]) => [
          key,
          Array.isArray(item) ? item.join() : plain(item),
        ]),
      )
    : undefined;

export const LOG_FIELDS = {
  /** The module: http, postgres, lifecycle … */
  logger: plain,
  err: (value: unknown) => (value === undefined ? undefined : describeError(value)),
  // requests
  requestId: plain,
  method: plain,
  /** The pattern, `/users/:id`; never the URL. */
  route: plain,
  status: plain,
  code: plain,
  durationMs: plain,
  /**
   * Of the caller, only on lines about a refused one: who guesses passwords can't be found without it. It is personal data, logged for
   * security alone (GDPR recital 49): delete log lines when they no longer serve it. Never on a span or a metric.
   */
  address: plain,
  /** What was injected into this request or event: `redis:latency`. */
  fault: plain,
  // business events: ids only
  userId: plain,
  clientId: plain,
  version: plain,
  endedSessions: plain,
  orderId: plain,
  eventId: plain,
  eventType: plain,
  // dependencies and processes
  /** The name of a setting; never its value. */
  setting: plain,
  /** The key of a feature flag. */
  flag: plain,
  reason: plain,
  dependency: plain,
  state: plain,
  step: plain,
  attempt: plain,
  retryInMs: plain,
  count: plain,
  errorClass: plain,
  shard: plain,
  topic: plain,
  partition: plain,
  offset: plain,
  group: plain,
  table: plain,
  publicUrl: plain,
  managementUrl: plain,
  config: flat,
};

type LogField = keyof typeof LOG_FIELDS;
export type LogFields = {
  readonly [F in LogField]?: F extends 'err' ? unknown : F extends 'config' ? Readonly<Record<string, unknown>> : Plain;
};

type Write = (fields: LogFields, message: string) => void;

/** The logger that modules use: a field outside the allow-list does not compile. The message is a constant. */
export type Log = {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
};
