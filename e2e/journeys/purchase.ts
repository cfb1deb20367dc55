import assert from 'node:assert/strict';

import type { Order } from '../src/api.ts';
import { eventually } from '../src/eventually.ts';
import { expectStatus } from '../src/expect-status.ts';
import { journey } from '../src/journey.ts';
import { waitForDecision } from '../src/order.ts';
import { registerAndLogIn } from '../src/test-user.ts';

type Notifications = { readonly notifications: readonly { readonly userId: string; readonly orderId?: string }[] };

const NOTIFIED = 'the confirmation e-mail is sent';

journey('registration, login, purchase, confirmation', async (context) => {
  const { api, step, skip, fetch, notificationsUrl } = context;
  const ann = await registerAndLogIn(context);

  const placed = await step('place an order', async (): Promise<Order> => {
    const response = await api.placeOrder(ann.token, { amountMinor: 1999, currency: 'EUR' });
    const order = expectStatus(response, 202);
    assert.equal(response.location, `/api/v1/orders/${order.id}`);
    assert.equal(order.status, 'placed');
    return order;
  });

  await step('the order is confirmed', async () => {
    const { body } = await waitForDecision(context, ann, placed);
    assert.equal(body.status, 'confirmed');
  });

  await step('the order is in the list of orders', async () => {
    const { items } = expectStatus(await api.listOrders(ann.token), 200);
    assert.deepEqual(
      items.map(({ id, status }) => ({ id, status })),
      [{ id: placed.id, status: 'confirmed' }],
    );
  });

  if (notificationsUrl === undefined) return skip(NOTIFIED, 'E2E_NOTIFICATIONS_URL is not set');
  return step(NOTIFIED, () =>
    eventually(async () => {
      const response = await fetch(`${notificationsUrl}/notifications?userId=${ann.id}`);
      const { notifications } = (await response.json()) as Notifications;
      const ofOrder = notifications.filter(({ orderId }) => orderId === placed.id);
      assert.deepEqual(
        ofOrder.map(({ userId }) => userId),
        [ann.id],
      );
    }),
  );
});
