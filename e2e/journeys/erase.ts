import assert from 'node:assert/strict';

import { eventually } from '../src/eventually.ts';
import { expectStatus } from '../src/expect-status.ts';
import { journey } from '../src/journey.ts';
import { registerAndLogIn } from '../src/test-user.ts';

journey('an erased account is deleted and its username becomes available', async (context) => {
  const { api, step } = context;
  const ann = await registerAndLogIn(context);
  const order = await step('place an order', async () =>
    expectStatus(await api.placeOrder(ann.token, { amountMinor: 100, currency: 'EUR' }), 202),
  );

  await step('erase the account, with the password entered again', async () => {
    expectStatus(await api.eraseUser(ann.token, ann.id), 401, 'REAUTHENTICATION_REQUIRED');
    const { access_token: token } = expectStatus(await api.reauthenticate(ann.token, ann.password), 200);
    expectStatus(await api.eraseUser(token, ann.id), 204);
  });

  await step('the account and its order are no longer readable', async () => {
    expectStatus(await api.readUser(ann.token, ann.id), [401, 404]);
    expectStatus(await api.readOrder(ann.token, order.id), [401, 404]);
  });

  // a revoked session takes a moment to reach the other processes of the service
  await step('its tokens and credentials are rejected', async () => {
    await eventually(async () => expectStatus(await api.readUser(ann.token, ann.id), 401, 'TOKEN_INVALID'));
    expectStatus(await api.refreshSession(ann.refreshToken), 401, 'REFRESH_TOKEN_INVALID');
    expectStatus(await api.logIn({ login: ann.username, password: ann.password }), 401, 'CREDENTIALS_WRONG');
  });

  const { username, name, email, password } = ann;
  const next = await registerAndLogIn(context, { username, name, email, password });

  await step('a new user with the same name gets a new account without the old data', async () => {
    assert.notEqual(next.id, ann.id);
    expectStatus(await api.readUser(next.token, ann.id), 404, 'USER_NOT_FOUND');
    assert.deepEqual(expectStatus(await api.listOrders(next.token), 200).items, []);
  });
});
