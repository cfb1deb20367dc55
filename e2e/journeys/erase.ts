import assert from 'node:assert/strict';

import { eventually } from '../src/eventually.ts';
import { expectStatus } from '../src/expect-status.ts';
import { journey } from '../src/journey.ts';
import { arrive } from '../src/person.ts';

journey('an erased account is gone, and its name is free', async (traveller) => {
  const { api, step } = traveller;
  const ann = await arrive(traveller);
  const order = await step('place an order', async () =>
    expectStatus(await api.placeOrder(ann.token, { amountMinor: 100, currency: 'EUR' }), 202),
  );

  await step('erase the account', async () => {
    expectStatus(await api.eraseUser(ann.token, ann.id), 204);
  });

  await step('nothing of it is shown any more', async () => {
    expectStatus(await api.readUser(ann.token, ann.id), [401, 404]);
    expectStatus(await api.readOrder(ann.token, order.id), [401, 404]);
  });

  // other processes of the service hear about ended sessions within a moment
  await step('its tokens are refused', async () => {
    await eventually(async () => expectStatus(await api.readUser(ann.token, ann.id), 401, 'TOKEN_INVALID'));
    expectStatus(await api.refreshSession(ann.refreshToken), 401, 'REFRESH_TOKEN_INVALID');
    expectStatus(await api.logIn({ login: ann.username, password: ann.password }), 401, 'CREDENTIALS_WRONG');
  });

  const { username, name, email, password } = ann;
  const next = await arrive(traveller, { username, name, email, password });

  await step('who takes the name gets a new account, without the old one', async () => {
    assert.notEqual(next.id, ann.id);
    expectStatus(await api.readUser(next.token, ann.id), 404, 'USER_NOT_FOUND');
    assert.deepEqual(expectStatus(await api.listOrders(next.token), 200).items, []);
  });
});
