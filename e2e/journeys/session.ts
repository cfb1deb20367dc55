import assert from 'node:assert/strict';

import { eventually } from '../src/eventually.ts';
import { expectStatus } from '../src/expect-status.ts';
import { journey } from '../src/journey.ts';
import { registerAndLogIn } from '../src/test-user.ts';

journey('a session is refreshed, and is revoked when a refresh token is reused', async (context) => {
  const { api, step } = context;
  const ann = await registerAndLogIn(context);

  const next = await step('refresh the session', async () =>
    expectStatus(await api.refreshSession(ann.refreshToken), 200),
  );

  await step('the new access token works', async () => {
    assert.notEqual(next.refresh_token, ann.refreshToken);
    assert.equal(expectStatus(await api.readUser(next.access_token, ann.id), 200).id, ann.id);
  });

  await step('the old refresh token is rejected', async () =>
    expectStatus(await api.refreshSession(ann.refreshToken), 401, 'REFRESH_TOKEN_INVALID'),
  );

  await step('the whole session is revoked', async () => {
    expectStatus(await api.refreshSession(next.refresh_token), 401, 'REFRESH_TOKEN_INVALID');
    // a revoked session takes a moment to reach the other processes of the service
    await eventually(async () => expectStatus(await api.readUser(next.access_token, ann.id), 401, 'TOKEN_INVALID'));
  });
});
