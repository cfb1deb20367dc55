// The published events about users. They carry no personal data: a consumer that needs a name reads it through the API while the user exists.
// api-specs/events/ has the schema of each; a test checks that both match.

import { newUuid } from '../uuid/uuid.ts';
import type { User, UserId } from './user.ts';

type EventBase = {
  /** UUIDv7; consumers deduplicate by it. */
  readonly eventId: string;
  readonly occurredAt: Date;
  /** Also the message key: the events of one user stay in order. */
  readonly userId: UserId;
};

export type UserRegistered = EventBase & { readonly type: 'UserRegistered' };
export type UserProfileChanged = EventBase & {
  readonly type: 'UserProfileChanged';
  /** After the change. */
  readonly version: number;
  /** Names only, never values. */
  readonly changedFields: readonly string[];
};
export type UserErased = EventBase & { readonly type: 'UserErased' };

export type UserEvent = UserRegistered | UserProfileChanged | UserErased;

const base = (userId: UserId, occurredAt: Date): EventBase => ({ eventId: newUuid(occurredAt), occurredAt, userId });

export const userRegistered = ({ id, createdAt }: User): UserRegistered => ({
  type: 'UserRegistered',
  ...base(id, createdAt),
});

export const userProfileChanged = (after: User, changedFields: readonly string[]): UserProfileChanged => ({
  type: 'UserProfileChanged',
  ...base(after.id, after.updatedAt),
  version: after.version,
  changedFields,
});

export const userErased = (id: UserId, at: Date): UserErased => ({ type: 'UserErased', ...base(id, at) });
