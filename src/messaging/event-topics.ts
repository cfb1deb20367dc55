import type { EventType } from '../outbox/ports.ts';

const USERS = 'user-service.users.v1';
const ORDERS = 'user-service.orders.v1';

/** One topic per aggregate, so that its facts keep their order. api-specs/events/policy.yaml publishes the same table. */
export const EVENT_TOPICS = {
  UserRegistered: USERS,
  UserProfileChanged: USERS,
  UserErased: USERS,
  OrderPlaced: ORDERS,
  OrderConfirmed: ORDERS,
  OrderRejected: ORDERS,
} as const satisfies Record<EventType, string>;
