// The use case of this service: which event sends which e-mail, and the removal of all e-mails to an erased user.

import { composeEmail, type AnnouncedEvent, type Email, type Recipient } from './email.ts';
import type { ConsumedEvent } from './events.ts';

const KINDS = {
  UserRegistered: 'welcome',
  OrderConfirmed: 'order-confirmed',
  OrderRejected: 'order-rejected',
} as const satisfies Record<AnnouncedEvent['type'], string>;

/** The record of a sent e-mail that the API returns: ids only, no personal data. */
export type Notification = {
  /** Id of the event, so that a repeated event does not send a second e-mail. */
  readonly id: string;
  readonly kind: (typeof KINDS)[keyof typeof KINDS];
  readonly userId: string;
  readonly orderId?: string;
  readonly sentAt: string;
};

export type UserDirectory = {
  /**
   * Undefined when the user does not exist or was erased.
   * @throws NotificationError DEPENDENCY_UNAVAILABLE
   */
  find(userId: string): Promise<Recipient | undefined>;
};

export type Outbox = {
  has(userId: string, eventId: string): boolean;
  /** Resolves when the e-mail is stored durably. */
  send(notification: Notification, email: Email): Promise<void>;
  /** Removes every e-mail to this user. */
  erase(userId: string): Promise<void>;
};

/** `repeated`: already sent. `nobody`: the user was erased before the e-mail was sent. */
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
    // eslint-disable-next-line security/detect-object-injection -- the type allows only keys of the table
    await outbox.send({ id: eventId, kind: KINDS[type], userId, ...order, sentAt }, composeEmail(event, recipient));
    return 'sent';
  };

  /** @throws NotificationError DEPENDENCY_UNAVAILABLE, and what the outbox throws; the same event may be handled again */
  return async (event: ConsumedEvent): Promise<Outcome> => {
    if (event.type !== 'UserErased') return announce(event);
    await outbox.erase(event.userId);
    return 'erased';
  };
};

export type Notify = ReturnType<typeof makeNotify>;
