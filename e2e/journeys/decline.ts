import assert from 'node:assert/strict';

import { expectStatus } from '../src/expect-status.ts';
import { journey } from '../src/journey.ts';
import { untilDecided } from '../src/order.ts';
import { arrive } from '../src/person.ts';

/** The most that may be ordered: whatever limit the payment sandbox was given (PAYMENTS_LIMIT_MINOR), it is below. */
const TOO_DEAR = { amountMinor: 10_000_000_000, currency: 'EUR' };

journey('an order that is too dear is declined', async (traveller) => {
  const { api, step } = traveller;
  const ann = await arrive(traveller);

  const placed = await step('place it', async () => expectStatus(await api.placeOrder(ann.token, TOO_DEAR), 202));

  await step('it is rejected, and says why', async () => {
    const { body, etag } = await untilDecided(traveller, ann, placed);
    assert.deepEqual([body.status, body.rejectionReason, etag], ['rejected', 'PAYMENT_DECLINED', '"2"']);
  });
});
