// The rule of this service: who is told what, and that nobody who was erased is kept.

import type { ConsumedEvent } from './events.ts';
import { writeLetter, type AnnouncedEvent, type Letter, type Recipient } from './letter.ts';

const KINDS = {
  UserRegistered: 'welcome',
  OrderConfirmed: 'order-confirmed',
  OrderRejected: 'order-rejected',
} as const satisfies Record<AnnouncedEvent['type'], string>;

/** What may be shown of a sent letter: ids only. */
export type Notification = {
  /** Of the event that caused it, so that it is sent once however often the event comes. */
  readonly id: string;
  readonly kind: (typeof KINDS)[keyof typeof KINDS];
  readonly userId: string;
  readonly orderId?: string;
  readonly sentAt: string;
};

export type UserDirectory = {
  /**
   * Undefined: there is no such user, or not any more.
   * @throws NotificationError DEPENDENCY_UNAVAILABLE
   */
  find(userId: string): Promise<Recipient | undefined>;
};

export type Outbox = {
  has(userId: string, eventId: string): boolean;
  /** Resolves when the letter can't be lost any more. */
  send(notification: Notification, letter: Letter): Promise<void>;
  /** Removes every letter to this user. */
  erase(userId: string): Promise<void>;
};

/** `nobody`: the user was erased before the letter could be written. */
export type Outcome = 'sent' | 'repeated' | 'nobody' | 'erased';

type Deps = { readonly users: UserDirectory; readonly outbox: Outbox; readonly now: () => Date };

export const makeNotify = ({ users, outbox, now }: Deps) => {
  const announce = async (event: AnnouncedEvent): Promise<Outcome> => {
    const { eventId, userId, type } = event;
    if (outbox.has(userId, eventId)) return 'repeated';
    const recipient = await users.find(userId);
    if (recipient === undefined) return 'nobody';
    const order = 'orderId' in event ? { orderId: event.orderId } : {};
    const sentAt = now().toISOString();
    // eslint-disable-next-line security/detect-object-injection -- only names of the table compile
    await outbox.send({ id: eventId, kind: KINDS[type], userId, ...order, sentAt }, writeLetter(event, recipient));
    return 'sent';
  };

  /** @throws NotificationError DEPENDENCY_UNAVAILABLE, and what the outbox throws: the same event may come again */
  return async (event: ConsumedEvent): Promise<Outcome> => {
    if (event.type !== 'UserErased') return announce(event);
    await outbox.erase(event.userId);
    return 'erased';
  };
};

export type Notify = ReturnType<typeof makeNotify>;
