// Reduces what New Relic's agent sends to the allow-list of new-relic-fields.ts. Its configuration alone can't do it: attributes.exclude
// lists what is known today, and names, messages and stacks are no attributes.

import { framesOf } from '../describe-error.ts';
import { ATTRIBUTES, nameOf } from './new-relic-fields.ts';

type Values = Readonly<Record<string, unknown>>;
type Rows = readonly (readonly unknown[])[];

const isRecord = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
/** Events are instances that turn themselves into rows. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
const rowsIn = (value: unknown): Rows => (Array.isArray(value) ? value.filter((row) => Array.isArray(row)) : []);

const allowedValue = (name: string, value: unknown): unknown => {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const allowed = ATTRIBUTES.get(name)?.(String(value));
  return allowed === undefined || typeof value !== 'string' ? allowed && value : allowed;
};

const attributesOf = (from: unknown): Values =>
  isRecord(from)
    ? Object.fromEntries(
        Object.entries(from).flatMap(([name, value]) => {
          const allowed = allowedValue(name, value);
          return allowed === undefined ? [] : [[name, allowed]];
        }),
      )
    : {};

/** Switches and numbers: a text may be a path, a host or a pattern that holds a secret. */
const numbersIn = (from: unknown): Values =>
  isRecord(from) ? Object.fromEntries(Object.entries(from).filter(([, value]) => typeof value !== 'string')) : {};

/** `[run id, counts, [[intrinsics, custom, attributes], …]]` */
const eventsOf = ([run, counts, events]: readonly unknown[]): unknown => [
  run,
  numbersIn(counts),
  rowsIn(events).map((parts) => parts.map(attributesOf)),
];

/** `[run id, [[time, transaction, message, class, { stack_trace, … }, transaction id], …]]` */
const errorsOf = ([run, errors]: readonly unknown[]): unknown => [
  run,
  rowsIn(errors).map(([time, transaction, message, type, details, id]) => {
    const { stack_trace: stack, intrinsics, agentAttributes } = isRecord(details) ? details : {};
    const text = Array.isArray(stack) ? stack.join('\n') : textOf(stack);
    return [
      Number(time),
      nameOf(transaction),
      '',
      ATTRIBUTES.get('error.class')?.(String(type)) ?? 'Error',
      {
        intrinsics: attributesOf(intrinsics),
        agentAttributes: attributesOf(agentAttributes),
        userAttributes: {},
        stack_trace: framesOf(text, textOf(message)),
      },
      id,
    ];
  }),
];

/** A metric is identified by its name and the transaction it belongs to, or by a number that New Relic gave to both. */
const identityOf = (identity: unknown): unknown => {
  if (!isRecord(identity)) return typeof identity === 'number' ? identity : { name: 'other' };
  const { name, scope } = identity;
  return { name: nameOf(name), ...(scope !== undefined && { scope: nameOf(scope) }) };
};

/** `[run id, begin, end, [[identity, numbers], …]]` */
const metricsOf = ([run, begin, end, metrics]: readonly unknown[]): unknown => [
  run,
  Number(begin),
  Number(end),
  rowsIn(metrics).map(([identity, numbers]) => [identityOf(identity), numbers]),
];

const connectionOf = ([facts]: readonly unknown[]): unknown =>
  isRecord(facts) ? [{ ...facts, settings: numbersIn(facts.settings) }] : [];

const same = (payload: readonly unknown[]): unknown => payload;

/** By the method of the collector. */
const PAYLOADS: ReadonlyMap<string, (payload: readonly unknown[]) => unknown> = new Map([
  ['preconnect', same],
  ['connect', connectionOf],
  ['agent_settings', ([settings]) => [numbersIn(settings)]],
  ['metric_data', metricsOf],
  ['analytic_event_data', eventsOf],
  ['span_event_data', eventsOf],
  ['error_event_data', eventsOf],
  ['error_data', errorsOf],
  ['shutdown', () => []],
]);

/**
 * @param method of New Relic's collector, `span_event_data`
 * @returns the payload with allowed content only; undefined for a method whose data must not leave the process: log lines, traces with
 *   statements, custom events, profiles
 */
export const allowPayload = (method: string, payload: unknown): unknown => {
  const copied = plain(payload);
  return PAYLOADS.get(method)?.(Array.isArray(copied) ? copied : []);
};
