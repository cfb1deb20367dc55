// The allow-list: a field that is not here is dropped from every line, whoever logs it. Values are plain (text, number,
// boolean); an object is never taken, so nothing personal comes along inside one. No e-mail, name, token or body belongs here.

import { describeError } from './describe-error.ts';

type Plain = string | number | boolean | undefined;

const plain = (value: unknown): Plain =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;

/** Only for the masked settings of the start line. */
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
  /** The room that speaks: http, postgres, lifecycle … */
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
  address: plain,
  // business facts: ids only
  userId: plain,
  sessionId: plain,
  clientId: plain,
  version: plain,
  endedSessions: plain,
  orderId: plain,
  eventId: plain,
  eventType: plain,
  // parts and processes
  reason: plain,
  result: plain,
  dependency: plain,
  required: plain,
  state: plain,
  step: plain,
  signal: plain,
  exitCode: plain,
  attempt: plain,
  retryInMs: plain,
  count: plain,
  /** What waits to be done. */
  pending: plain,
  errorClass: plain,
  shard: plain,
  topic: plain,
  partition: plain,
  offset: plain,
  group: plain,
  migration: plain,
  host: plain,
  port: plain,
  publicUrl: plain,
  managementUrl: plain,
  config: flat,
};

export type LogField = keyof typeof LOG_FIELDS;
export type LogFields = {
  readonly [F in LogField]?: F extends 'err' ? unknown : F extends 'config' ? Readonly<Record<string, unknown>> : Plain;
};

type Write = (fields: LogFields, message: string) => void;

/** What a room needs to log: a field outside the allow-list does not compile. The message is a constant sentence. */
export type Log = {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
};
