import assert from 'node:assert/strict';

import { eventually } from '../src/eventually.ts';
import { expectStatus } from '../src/expect-status.ts';
import { journey } from '../src/journey.ts';
import { arrive } from '../src/person.ts';

journey('a session is refreshed, and ends when a refresh token is used twice', async (traveller) => {
  const { api, step } = traveller;
  const ann = await arrive(traveller);

  const next = await step('refresh the session', async () =>
    expectStatus(await api.refreshSession(ann.refreshToken), 200),
  );

  await step('the new access token works', async () => {
    assert.notEqual(next.refresh_token, ann.refreshToken);
    assert.equal(expectStatus(await api.readUser(next.access_token, ann.id), 200).id, ann.id);
  });

  await step('the old refresh token is refused', async () =>
    expectStatus(await api.refreshSession(ann.refreshToken), 401, 'REFRESH_TOKEN_INVALID'),
  );

  await step('the whole session has ended', async () => {
    expectStatus(await api.refreshSession(next.refresh_token), 401, 'REFRESH_TOKEN_INVALID');
    // other processes of the service hear about ended sessions within a moment
    await eventually(async () => expectStatus(await api.readUser(next.access_token, ann.id), 401, 'TOKEN_INVALID'));
  });
});
