// The topics of the events and of their dead letters, and who may write and read them: docs/events.md has the same table.

import { EVENT_TOPICS } from './event-topics.ts';

const DAY_MS = 86_400_000;

export type Topic = { readonly name: string; readonly partitions: number; readonly retentionMs: number };

const USERS = EVENT_TOPICS.UserRegistered;
const ORDERS = EVENT_TOPICS.OrderPlaced;
const ORDERS_DEAD = `${ORDERS}.dlq`;
const NOTIFICATIONS_DEAD = 'notification-service.dlq';

/** Events of one key stay in order within their partition; the number of partitions limits how many consumers share the work. */
const ofEvents = (name: string): Topic => ({ name, partitions: 3, retentionMs: 7 * DAY_MS });
/** Dead letters are kept longer than the original messages: an operator has to inspect them. */
const ofDeadLetters = (name: string): Topic => ({ name, partitions: 1, retentionMs: 30 * DAY_MS });

export const TOPICS: readonly Topic[] = [
  ofEvents(USERS),
  ofEvents(ORDERS),
  ofDeadLetters(`${USERS}.dlq`),
  ofDeadLetters(ORDERS_DEAD),
  ofDeadLetters(NOTIFICATIONS_DEAD),
];

/** What a role may do. `group` is the consumer group that it reads with. */
type Access = { readonly writes: readonly string[]; readonly reads: readonly string[]; readonly group?: string };

/** Least privilege: the api needs no access, because its events leave through the outbox. */
export const ROLES = {
  relay: { writes: [USERS, ORDERS], reads: [] },
  worker: { writes: [ORDERS_DEAD], reads: [ORDERS], group: 'user-service-worker' },
  redrive: { writes: [ORDERS, ORDERS_DEAD], reads: [ORDERS_DEAD], group: 'user-service-worker-redrive' },
  'notification-service': { writes: [NOTIFICATIONS_DEAD], reads: [USERS, ORDERS], group: 'notification-service' },
} as const satisfies Record<string, Access>;

export type Role = keyof typeof ROLES;

/** Grants the rights of a role to a principal of the broker, e.g. `User:relay`. */
export type Grant = { readonly principal: string; readonly role: Role };

const PRINCIPAL = /^[A-Za-z]+:[^\s\p{Cc}]{1,200}$/u;

const isGrant = (value: unknown): value is Grant => {
  if (typeof value !== 'object' || value === null) return false;
  const { principal, role, ...surplus } = value as { principal?: unknown; role?: unknown };
  return (
    typeof principal === 'string' &&
    PRINCIPAL.test(principal) &&
    Object.keys(ROLES).some((name) => name === role) &&
    Object.keys(surplus).length === 0
  );
};

/**
 * @param text JSON: `[{ "principal": "User:relay", "role": "relay" }, …]`
 * @returns undefined when it is not valid
 */
export const parseGrants = (text: string): Grant[] | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(isGrant) ? value : undefined;
  } catch {
    return undefined;
  }
};
