// Compares the table, the topic, and the responses that clients received.

import type { SeenEvent } from './read-events.ts';

type Seen = {
  /** Ids of registrations that were acknowledged to clients. */
  readonly acknowledged: readonly string[];
  readonly users: readonly { readonly id: string; readonly username: string; readonly version: number }[];
  readonly events: readonly SeenEvent[];
};

const distinct = (items: readonly string[]): number => new Set(items).size;

/** 1 for the registration, then the version after each change. */
const versionOf = ({ type, payload }: SeenEvent): number => (type === 'UserRegistered' ? 1 : Number(payload.version));

/** Breaks in the order of first deliveries; a second delivery is allowed. */
const breaksOf = (events: readonly SeenEvent[]): number => {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  let breaks = 0;
  for (const event of events) {
    if (seen.has(event.id)) continue;
    seen.add(event.id);
    if (versionOf(event) !== (last.get(event.key) ?? 0) + 1) breaks += 1;
    last.set(event.key, versionOf(event));
  }
  return breaks;
};

export const judgeUsers = ({ acknowledged, users, events }: Seen) => {
  const ids = new Set(users.map(({ id }) => id));
  const registered = events.filter(({ type }) => type === 'UserRegistered');
  const published = new Map(users.map(({ id }) => [id, 0]));
  for (const event of events) published.set(event.key, Math.max(published.get(event.key) ?? 0, versionOf(event)));
  return {
    lost: acknowledged.filter((id) => !ids.has(id)).length,
    duplicates:
      users.length - distinct(users.map(({ username }) => username)) + (users.length - distinct(acknowledged)),
    withoutEvent: users.filter(({ id, version }) => (published.get(id) ?? 0) < version).length,
    withoutUser: registered.filter(({ key }) => !ids.has(key)).length,
    orderBreaks: breaksOf(events),
    /** Allowed: at least once. */
    deliveredTwice: events.length - distinct(events.map(({ id }) => id)),
  };
};
