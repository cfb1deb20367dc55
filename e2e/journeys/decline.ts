import assert from 'node:assert/strict';

import { expectStatus } from '../src/expect-status.ts';
import { journey } from '../src/journey.ts';
import { waitForDecision } from '../src/order.ts';
import { registerAndLogIn } from '../src/test-user.ts';

/** The maximum amount of an order; it exceeds any limit of the payment sandbox (PAYMENTS_LIMIT_MINOR). */
const OVER_LIMIT = { amountMinor: 10_000_000_000, currency: 'EUR' };

journey('an order above the payment limit is declined', async (context) => {
  const { api, step } = context;
  const ann = await registerAndLogIn(context);

  const placed = await step('place the order', async () =>
    expectStatus(await api.placeOrder(ann.token, OVER_LIMIT), 202),
  );

  await step('the order is rejected with a reason', async () => {
    const { body, etag } = await waitForDecision(context, ann, placed);
    assert.deepEqual([body.status, body.rejectionReason, etag], ['rejected', 'PAYMENT_DECLINED', '"2"']);
  });
});
