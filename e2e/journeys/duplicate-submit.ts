import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { expectStatus } from '../src/expect-status.ts';
import { journey } from '../src/journey.ts';
import { arrive } from '../src/person.ts';

const PRICE = { amountMinor: 250, currency: 'EUR' };

journey('an order sent three times with one Idempotency-Key is one order', async (traveller) => {
  const { api, step } = traveller;
  const ann = await arrive(traveller);
  const key = randomUUID();
  const place = () => api.placeOrder(ann.token, PRICE, key);

  const first = await step('send it twice at once, and once more', async () => {
    const [one, two] = await Promise.all([place(), place()]);
    const three = await place();
    const order = expectStatus(one, 202);
    for (const again of [two, three]) {
      assert.deepEqual(expectStatus(again, 202), order);
      assert.equal(again.location, one.location);
    }
    return order;
  });

  await step('there is one order', async () => {
    const { items } = expectStatus(await api.listOrders(ann.token), 200);
    assert.deepEqual(
      items.map(({ id }) => id),
      [first.id],
    );
  });

  await step('the key is refused for another order', async () => {
    const answer = await api.placeOrder(ann.token, { ...PRICE, amountMinor: 251 }, key);
    expectStatus(answer, 422, 'IDEMPOTENCY_KEY_REUSED');
  });
});
