// What the table and the topic say about each other, and both about what clients were told.

import type { SeenEvent } from './read-events.ts';

type Seen = {
  /** Ids that clients were told were registered. */
  readonly acknowledged: readonly string[];
  readonly users: readonly { readonly id: string; readonly username: string; readonly version: number }[];
  readonly events: readonly SeenEvent[];
};

const distinct = (items: readonly string[]): number => new Set(items).size;

/** 1 for the registration, then the version that each change led to. */
const versionOf = ({ type, payload }: SeenEvent): number => (type === 'UserRegistered' ? 1 : Number(payload.version));

/** The order in which each event came for the first time; a second delivery is allowed. */
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
  const told = new Map(users.map(({ id }) => [id, 0]));
  for (const event of events) told.set(event.key, Math.max(told.get(event.key) ?? 0, versionOf(event)));
  return {
    lost: acknowledged.filter((id) => !ids.has(id)).length,
    duplicates:
      users.length - distinct(users.map(({ username }) => username)) + (users.length - distinct(acknowledged)),
    withoutEvent: users.filter(({ id, version }) => (told.get(id) ?? 0) < version).length,
    withoutUser: registered.filter(({ key }) => !ids.has(key)).length,
    orderBreaks: breaksOf(events),
    /** Allowed: at least once. */
    deliveredTwice: events.length - distinct(events.map(({ id }) => id)),
  };
};
