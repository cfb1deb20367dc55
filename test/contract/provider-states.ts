// The provider states of the contracts, each created through the service itself. The returned values replace expressions such as `${userId}`.

import { randomUUID } from 'node:crypto';

import type { Api } from '../../src/http/api.ts';
import { NO_AUDIT } from '../../src/observability/audit/audit-log.ts';
import { makeBusinessEvents } from '../../src/observability/business-events.ts';
import { makeMetrics } from '../../src/observability/metrics/metrics.ts';
import { makeDecideOrder } from '../../src/orders/decide-order.ts';
import { makeFindOrder } from '../../src/postgres/orders/order-store.ts';
import { makeTransact } from '../../src/postgres/transact.ts';
import { newUser, serviceHeaders } from '../support/http/actors.ts';
import { makeRecorder } from '../support/http/fake-deps.ts';
import { CLIENT, type TestApp } from '../support/http/make-test-app.ts';

const telemetry = makeBusinessEvents({
  logger: makeRecorder().logger,
  metrics: makeMetrics({ service: 'user-service', env: 'test', version: '0', commit: '0' }),
  audit: NO_AUDIT,
});

export const makeProviderStates = (api: Api, { pool }: Pick<TestApp, 'pool'>) => {
  const decideOrder = makeDecideOrder({
    findOrder: makeFindOrder(pool),
    transact: makeTransact(pool),
    payments: { authorize: () => Promise.resolve('approved') },
    telemetry,
    now: () => new Date(),
  });

  const serviceToken = async (): Promise<string> => {
    const { authorization } = await serviceHeaders(api);
    return authorization.replace('Bearer ', '');
  };

  return {
    'user exists': async () => ({ userId: (await newUser(api)).id, token: await serviceToken() }),

    'user does not exist': async () => ({ userId: randomUUID(), token: await serviceToken() }),

    'the client notification-service exists': () => Promise.resolve({ clientSecret: CLIENT.client_secret }),

    'an order was confirmed': async () => {
      const { id: userId, headers } = await newUser(api);
      const order = { amountMinor: 1999, currency: 'EUR' };
      const placed = await api.inject({ method: 'POST', url: '/api/v1/orders', headers, payload: order });
      const { id: orderId } = placed.json<{ id: string }>();
      await decideOrder({ eventId: randomUUID(), orderId, userId, ...order });
      return { orderId };
    },
  };
};
