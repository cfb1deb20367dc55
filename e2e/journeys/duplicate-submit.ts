import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { expectStatus } from '../src/expect-status.ts';
import { journey } from '../src/journey.ts';
import { registerAndLogIn } from '../src/test-user.ts';

const PRICE = { amountMinor: 250, currency: 'EUR' };

journey('three requests with one Idempotency-Key place one order', async (context) => {
  const { api, step } = context;
  const ann = await registerAndLogIn(context);
  const key = randomUUID();
  const place = () => api.placeOrder(ann.token, PRICE, key);

  const first = await step('send the order twice concurrently and then once more', async () => {
    const [one, two] = await Promise.all([place(), place()]);
    const three = await place();
    const order = expectStatus(one, 202);
    for (const repeated of [two, three]) {
      assert.deepEqual(expectStatus(repeated, 202), order);
      assert.equal(repeated.location, one.location);
    }
    return order;
  });

  await step('the list contains one order', async () => {
    const { items } = expectStatus(await api.listOrders(ann.token), 200);
    assert.deepEqual(
      items.map(({ id }) => id),
      [first.id],
    );
  });

  await step('the key is rejected for a different order', async () => {
    const response = await api.placeOrder(ann.token, { ...PRICE, amountMinor: 251 }, key);
    expectStatus(response, 422, 'IDEMPOTENCY_KEY_REUSED');
  });
});
