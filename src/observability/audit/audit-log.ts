// Writes the audit log: one JSON line per security event. A line contains what audit-events.ts declares for its event and nothing else, whatever
// the caller passes. No log level and no summary of outages applies to it.

import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

import type { Trace } from '../trace-context.ts';
import {
  AUDIT_EVENTS,
  type ActorKind,
  type AuditEvent,
  type AuditEventName,
  type Outcome,
  type TargetKind,
} from './audit-events.ts';
import { FIELDS, SCHEMA_VERSION } from './audit-schema.ts';

type Actor<K = ActorKind> = { readonly kind: K; readonly id?: string | undefined };
type Target<K = TargetKind> = { readonly kind: K; readonly id?: string | undefined };

type Definition<N extends AuditEventName> = (typeof AUDIT_EVENTS)[N];

/** What the caller says about an event. Without an actor it is the caller of the current request. */
export type Recorded<N extends AuditEventName = AuditEventName> = {
  readonly outcome?: Definition<N>['outcomes'][number];
  readonly actor?: Actor<Definition<N>['actors'][number]>;
  readonly target?: Target<Definition<N>['targets'][number]>;
  readonly reason?: Definition<N>['reasons'][number];
  readonly details?: { readonly [D in keyof Definition<N>['details']]?: unknown };
  readonly address?: string | undefined;
};

/** The request that is being served; http/hooks/request-context.ts knows it. */
export type RequestContext = {
  readonly requestId: string;
  readonly address: string;
  /** Undefined before authentication, and on routes without it. */
  readonly actor: Actor<'user' | 'service'> | undefined;
};

export type Audit = {
  record: <N extends AuditEventName>(name: N, recorded?: Recorded<N>) => void;
};

type Options = {
  readonly service: string;
  readonly env: string;
  readonly version: string;
  readonly currentTrace: () => Trace | undefined;
  readonly currentRequest: () => RequestContext | undefined;
  /** Writes a line before it returns; it never throws. */
  readonly write: (line: string) => void;
  readonly now?: () => Date;
};

const fits = (schema: TSchema, value: unknown): boolean => value !== undefined && Value.Check(schema, value);

const idOf = (kind: string, id: string | undefined): { id?: string } => {
  const schema = kind === 'user' ? FIELDS.userId : FIELDS.name;
  return id !== undefined && fits(schema, id) ? { id } : {};
};

const about = (given: Actor | Target | undefined, kinds: readonly string[]): object | undefined =>
  given !== undefined && kinds.includes(given.kind) ? { kind: given.kind, ...idOf(given.kind, given.id) } : undefined;

const detailsOf = ({ details }: AuditEvent, given: object = {}): object | undefined => {
  const kept = Object.entries(given).filter(([name, value]) => {
    const schema = new Map(Object.entries(details)).get(name);
    return schema !== undefined && fits(schema, value);
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
};

type Given = {
  readonly outcome?: Outcome;
  readonly actor?: Actor;
  readonly target?: Target;
  readonly reason?: string;
  readonly details?: object;
  readonly address?: string | undefined;
};

/** Only what the event declares. `JSON.stringify` leaves out what is undefined. */
const allowed = (event: AuditEvent, given: Given, request: RequestContext | undefined): object => {
  const { outcomes, actors, targets, reasons } = event;
  const [outcome] = outcomes.filter((one) => one === given.outcome).concat(outcomes);
  const actor = given.actor ?? request?.actor;
  const address = given.address ?? request?.address;
  const isWanted = event.address && (outcome === 'refused' || actor?.kind === 'operator');
  return {
    outcome,
    actor: about(actor, actors) ?? { kind: actors.at(-1) }, // nobody who is known
    target: about(given.target, targets) ?? (targets.length > 0 ? { kind: targets[0] } : undefined),
    reason: reasons.find((one) => one === given.reason),
    details: detailsOf(event, given.details),
    address: isWanted && fits(FIELDS.address, address) ? address : undefined,
  };
};

export const makeAuditLog = (options: Options): Audit => {
  const { service, env, version, currentTrace, currentRequest, write, now = () => new Date() } = options;
  return {
    record: (name, recorded = {}) => {
      const request = currentRequest();
      const line = {
        log: 'audit',
        schemaVersion: SCHEMA_VERSION,
        timestamp: now().toISOString(),
        event: name,
        // eslint-disable-next-line security/detect-object-injection -- a name of the table
        ...allowed(AUDIT_EVENTS[name], recorded, request),
        requestId: request !== undefined && fits(FIELDS.requestId, request.requestId) ? request.requestId : undefined,
        traceId: currentTrace()?.traceId,
        service,
        env,
        version,
      };
      write(`${JSON.stringify(line)}\n`);
    },
  };
};

/** For programs and tests that keep no audit log. */
export const NO_AUDIT: Audit = { record: () => undefined };
