// Events that were published before the loss, beside the restored database: what consumers know and the database does not.

import type { PublishedEvent } from './read-events-since.ts';

export type UserState = { readonly version: number; readonly isErased: boolean };

export type Rows = {
  readonly users: ReadonlyMap<string, UserState>;
  /** Status by id. */
  readonly orders: ReadonlyMap<string, string>;
};

export type Difference = {
  readonly kind: 'unknown user' | 'older user' | 'erased user' | 'unknown order' | 'undecided order';
  readonly id: string;
};

const ofUser = ({ type, key, payload }: PublishedEvent, { users }: Rows): Difference | undefined => {
  const user = users.get(key);
  const exists = user !== undefined && !user.isErased;
  if (type === 'UserErased') return exists ? { kind: 'erased user', id: key } : undefined;
  if (user === undefined) return { kind: 'unknown user', id: key };
  return type === 'UserProfileChanged' && Number(payload.version) > user.version && exists
    ? { kind: 'older user', id: key }
    : undefined;
};

const ofOrder = ({ type, key }: PublishedEvent, { orders }: Rows): Difference | undefined => {
  const status = orders.get(key);
  if (status === undefined) return { kind: 'unknown order', id: key };
  return type !== 'OrderPlaced' && status === 'placed' ? { kind: 'undecided order', id: key } : undefined;
};

const compare = (event: PublishedEvent, rows: Rows): Difference | undefined =>
  event.type.startsWith('Order') ? ofOrder(event, rows) : ofUser(event, rows);

/** Each once. A user that was erased before the loss, and whose row is gone, is no difference. */
export const compareEvents = (events: readonly PublishedEvent[], rows: Rows): Difference[] => {
  const erased = new Set(events.filter(({ type }) => type === 'UserErased').map(({ key }) => key));
  const gone = ({ type, key, payload }: PublishedEvent): boolean => {
    const userId = type.startsWith('Order') ? String(payload.userId) : key;
    return type !== 'UserErased' && erased.has(userId) && !rows.users.has(userId);
  };
  const found = events.filter((event) => !gone(event)).flatMap((event) => compare(event, rows) ?? []);
  return [...new Map(found.map((difference) => [`${difference.kind} ${difference.id}`, difference])).values()];
};
