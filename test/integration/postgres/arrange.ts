import { randomBytes, randomUUID } from 'node:crypto';

import pg from 'pg';

import type { Session } from '../../../src/auth/ports.ts';
import type { Order } from '../../../src/orders/order.ts';
import type { Registration } from '../../../src/users/ports.ts';
import { userRegistered } from '../../../src/users/events.ts';
import type { User } from '../../../src/users/user.ts';
import type { TestDatabase } from '../../support/test-database.ts';

/** One connection as superuser, closed when the work is done. */
export const asAdmin = async <T>(at: TestDatabase, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client(at.adminUrl);
  await client.connect();
  return work(client).finally(() => client.end());
};

export const aUser = (values: Partial<User> = {}): User => {
  const name = `ann-${randomBytes(6).toString('hex')}`;
  const at = new Date('2026-01-02T03:04:05.678Z');
  return {
    id: randomUUID(),
    username: name,
    name: 'Ann',
    email: `${name}@example.org`,
    version: 1,
    createdAt: at,
    updatedAt: at,
    ...values,
  };
};

export const PHC = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g';

export const aRegistration = (values: Partial<User> = {}): Registration => {
  const user = aUser(values);
  return { user, passwordHash: PHC, event: userRegistered(user) };
};

/** Of a user of `aRegistration`. */
export const aSession = (userId: string, values: Partial<Session> = {}): Session => ({
  id: randomUUID(),
  userId,
  verifiedHash: PHC,
  tokenHash: randomBytes(32),
  familyHash: randomBytes(32),
  expiresAt: new Date(4e12),
  ...values,
});

/** Of a user who has to be there. */
export const anOrder = (values: Partial<Order> & Pick<Order, 'userId'>): Order => ({
  id: randomUUID(),
  amountMinor: 1999,
  currency: 'EUR',
  status: 'placed',
  placedAt: new Date('2026-01-02T03:04:05.678Z'),
  decidedAt: undefined,
  rejectionReason: undefined,
  ...values,
});
