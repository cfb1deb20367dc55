// Every way in which the service writes an event, by use case or store, on a real database.

import type pg from 'pg';

import { makeDecideOrder } from '../../../src/orders/decide-order.ts';
import { orderPlaced } from '../../../src/orders/events.ts';
import { makeOrderPlacementStore } from '../../../src/postgres/orders/order-placement-store.ts';
import { makeFindOrder } from '../../../src/postgres/orders/order-store.ts';
import { makeTransact } from '../../../src/postgres/transact.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { makeChangeProfile } from '../../../src/users/change-profile.ts';
import { makeEraseUser } from '../../../src/users/erase-user.ts';
import { userPrincipal } from '../../support/fakes/principals.ts';
import { makeTelemetryRecorder } from '../../support/fakes/telemetry.ts';
import { anOrder, aRegistration } from '../postgres/arrange.ts';

const done = (): Promise<void> => Promise.resolve();
const now = (): Date => new Date();

/** Prepares one write, e.g. of an order of a new user, and returns it. */
type Prepare = () => Promise<() => Promise<unknown>>;

export const WRITERS = [
  'a registration',
  'a placed order',
  'a changed profile',
  'an erasure',
  'a decision of the worker',
] as const;
type Writer = (typeof WRITERS)[number];

const everyWriter = (pool: pg.Pool): ReadonlyMap<Writer, Prepare> => {
  const { telemetry } = makeTelemetryRecorder<never>();
  const transact = makeTransact(pool);
  const common = { transact, telemetry, now, assertReauthenticated: () => undefined };
  const changeProfile = makeChangeProfile({ ...common, cache: { changed: done } });
  const eraseUser = makeEraseUser({
    ...{ ...common, cache: { erased: done }, revocations: { revoke: done }, finish: { one: done } },
  });
  const payments = { authorize: () => Promise.resolve('approved' as const) };
  const decideOrder = makeDecideOrder({ ...common, findOrder: makeFindOrder(pool), payments });

  const register = async () => {
    const registration = aRegistration();
    await makeRegistrationStore(pool).insert(registration);
    return registration.user;
  };
  const aPlacement = async () => {
    const order = anOrder({ userId: (await register()).id });
    return { order, event: orderPlaced(order) };
  };

  const writers: Record<Writer, Prepare> = {
    'a registration': () => Promise.resolve(register),
    'a placed order': async () => {
      const placement = await aPlacement();
      return () => makeOrderPlacementStore(pool).insert(placement);
    },
    'a changed profile': async () => {
      const { id, version } = await register();
      return () => changeProfile(userPrincipal(id), id, version, { name: 'Bea' });
    },
    'an erasure': async () => {
      const { id } = await register();
      return () => eraseUser(userPrincipal(id), id);
    },
    'a decision of the worker': async () => {
      const placement = await aPlacement();
      await makeOrderPlacementStore(pool).insert(placement);
      return () => decideOrder(placement.event);
    },
  };
  return new Map(Object.entries(writers) as [Writer, Prepare][]);
};

export const prepareWrite = async (pool: pg.Pool, writer: Writer): Promise<() => Promise<unknown>> => {
  const prepare = everyWriter(pool).get(writer);
  if (prepare === undefined) throw new Error(`There is no writer "${writer}".`);
  return prepare();
};
