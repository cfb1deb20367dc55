// Topic and key of each event. api-specs/events/policy.yaml publishes the same table; a test compares the two.

import type { OrderEvent } from '../orders/events.ts';
import type { UserEvent } from '../users/events.ts';
import { MessagingError } from './messaging-error.ts';

export type DomainEvent = UserEvent | OrderEvent;
export type EventType = DomainEvent['type'];

const USERS = 'user-service.users.v1';
const ORDERS = 'user-service.orders.v1';

/** One topic per aggregate, so that its events keep their order. */
export const EVENT_TOPICS = {
  UserRegistered: USERS,
  UserProfileChanged: USERS,
  UserErased: USERS,
  OrderPlaced: ORDERS,
  OrderConfirmed: ORDERS,
  OrderRejected: ORDERS,
} as const satisfies Record<EventType, string>;

/** Each topic once. */
export const TOPICS: readonly string[] = [...new Set(Object.values(EVENT_TOPICS))];

const topics = new Map<string, string>(Object.entries(EVENT_TOPICS));

/** @throws MessagingError EVENT_UNENCODABLE for a type that this release does not know */
export const topicOf = (type: string): string => {
  const topic = topics.get(type);
  if (topic === undefined) throw new MessagingError('EVENT_UNENCODABLE', 'There is no topic for this type of event.');
  return topic;
};

/** The id of the aggregate. Messages with the same key keep their order. */
export const keyOf = (event: DomainEvent): string => ('orderId' in event ? event.orderId : event.userId);
