// The facts about users that leave the service. No personal data: who needs a name reads it through the API, as long as it exists.
// api-specs/events/ has the published form of each; a test holds the two together.

import type { UserId } from './user.ts';

type Fact = {
  /** UUIDv7; consumers remember it, so that an effect happens once. */
  readonly eventId: string;
  readonly occurredAt: Date;
  /** Also the key: the facts about one user keep their order. */
  readonly userId: UserId;
};

export type UserRegistered = Fact & { readonly type: 'UserRegistered' };
export type UserProfileChanged = Fact & {
  readonly type: 'UserProfileChanged';
  /** After the change. */
  readonly version: number;
  /** Names only, never values. */
  readonly changedFields: readonly string[];
};
export type UserErased = Fact & { readonly type: 'UserErased' };

export type UserEvent = UserRegistered | UserProfileChanged | UserErased;
