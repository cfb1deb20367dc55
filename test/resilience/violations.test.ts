// The judges of R1 and R5 find violations: each is tested with a violating fixture.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import type { Subscription } from '../../src/messaging/subscriber.ts';
import { makeMemoryBus } from '../../src/embedded/memory/bus.ts';
import { Unavailable } from '../../src/errors/unavailable.ts';
import { makeOutboxShards } from '../../src/postgres/outbox/outbox-shards.ts';
import type { ServicePool } from '../../src/postgres/pool.ts';
import { makeRegistrationStore } from '../../src/postgres/users/registration-store.ts';
import { makeTestRelay } from '../integration/outbox/arrange.ts';
import { aRegistration } from '../integration/postgres/arrange.ts';
import { eventually } from '../support/eventually.ts';
import type { Published } from '../support/fakes/publisher.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { usePool } from '../support/use-pool.ts';
import { commitsFirst } from './fixtures/commits-first.ts';
import { deletesFirst } from './fixtures/deletes-first.ts';
import { judgeDecisions } from './support/judge-decisions.ts';
import { judgeUsers } from './support/judge-users.ts';
import type { SeenEvent } from './support/read-events.ts';
import { keyText, textMessage, textsOf } from '../support/text-message.ts';

let database: TestDatabase;
let pool: ServicePool;

usePool((made) => ({ database, pool } = made));

const toSeen = (message: Published): SeenEvent => {
  const { value, headers } = textsOf(message);
  const key = keyText(message);
  const { type, ...payload } = JSON.parse(String(value)) as { type: string };
  return { id: headers['event-id'] ?? '', key, type, payload, headers };
};

describe('the judge of R1', () => {
  it('finds the events that are lost by a relay that deletes before it publishes', async () => {
    const registrations = Array.from({ length: 5 }, () => aRegistration());
    for (const registration of registrations) await makeRegistrationStore(pool).insert(registration);
    const users = registrations.map(({ user }) => user);
    const { relay, published, state, reported } = makeTestRelay(database, pool, {
      outbox: deletesFirst(makeOutboxShards(pool)),
    });
    state.down = true;
    relay.start();
    await eventually(() => {
      expect(reported.map(([name]) => name)).toContain('interrupted');
    });
    state.down = false;
    await relay.close();
    const acknowledged = users.map(({ id }) => id);
    expect(judgeUsers({ acknowledged, users, events: published.map(toSeen) })).toMatchObject({ withoutEvent: 5 });
  });

  it('finds a lost user, a duplicate user, and a break in the order of a key', () => {
    const [id, other] = [randomUUID(), randomUUID()];
    const event = (key: string, type: string, version = 1): SeenEvent => ({
      id: randomUUID(),
      key,
      type,
      payload: { version },
      headers: {},
    });
    const seen = judgeUsers({
      acknowledged: [id, 'lost'],
      users: [
        { id, username: 'ann', version: 3 },
        { id: other, username: 'ann', version: 1 },
      ],
      events: [
        event(id, 'UserRegistered'),
        event(id, 'UserProfileChanged', 3),
        event(id, 'UserProfileChanged', 2),
        event('nobody', 'UserRegistered'),
      ],
    });
    expect(seen).toMatchObject({ lost: 1, duplicates: 1, withoutEvent: 1, withoutUser: 1, orderBreaks: 2 });
  });
});

/** Orders decided by a handler whose store is down at the first attempt of each. */
const decideBy = async (wrap: (handle: Subscription['handle']) => Subscription['handle']) => {
  const bus = makeMemoryBus({ backoff: () => ({ next: () => ({ retryInMs: 1 }), reset: () => undefined }) });
  const orders = Array.from({ length: 5 }, () => ({
    eventId: randomUUID(),
    orderId: randomUUID(),
    userId: randomUUID(),
  }));
  const tried = new Set<string>();
  const events: SeenEvent[] = [];
  const handle: Subscription['handle'] = (message) => {
    const key = keyText(message);
    if (!tried.has(key)) {
      tried.add(key);
      return Promise.reject(new Unavailable('STORE_UNAVAILABLE', 'down'));
    }
    events.push({ id: randomUUID(), key, type: 'OrderConfirmed', payload: {}, headers: {} });
    return Promise.resolve();
  };
  const subscriber = bus.makeSubscriber('worker');
  await subscriber.start({ topics: ['orders'], handle: wrap(handle) });
  await bus.makePublisher().publish(
    'orders',
    orders.map(({ orderId: key }) => textMessage({ key, value: '' })),
  );
  await eventually(async () => {
    expect((await subscriber.lag()).every(({ messages }) => messages === 0)).toBe(true);
  });
  await subscriber.close();
  return judgeDecisions(orders, events);
};

describe('the judge of R5', () => {
  it('finds no violation in a consumer that commits after its effect', async () => {
    expect(await decideBy((handle) => handle)).toEqual({ undecided: 0, decidedTwice: 0 });
  });

  it('finds the orders that are lost by a consumer that commits before its effect', async () => {
    expect(await decideBy(commitsFirst)).toEqual({ undecided: 5, decidedTwice: 0 });
  });

  it('finds an order that was decided twice', () => {
    const orders = [{ eventId: 'e', orderId: 'o', userId: 'u' }];
    const events = ['1', '2', '2'].map((id) => ({ id, key: 'o', type: 'OrderConfirmed', payload: {}, headers: {} }));
    expect(judgeDecisions(orders, events)).toEqual({ undecided: 0, decidedTwice: 1 });
  });
});
