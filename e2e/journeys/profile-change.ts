import assert from 'node:assert/strict';

import { expectStatus } from '../src/expect-status.ts';
import { journey } from '../src/journey.ts';
import { registerAndLogIn } from '../src/test-user.ts';

journey('a profile change is visible through the cache', async (context) => {
  const { api, step } = context;
  const ann = await registerAndLogIn(context);

  const before = await step('read the user twice, so that it is cached', async () => {
    expectStatus(await api.readUser(ann.token, ann.id), 200);
    const response = await api.readUser(ann.token, ann.id);
    assert.equal(expectStatus(response, 200).name, ann.name);
    expectStatus(await api.readUserIfNoneMatch(ann.token, ann.id, response.etag), 304);
    return response.etag;
  });

  const after = await step('change the name', async () => {
    const response = await api.changeProfile(ann.token, ann.id, before, { name: 'Ann Bee' });
    assert.equal(expectStatus(response, 200).name, 'Ann Bee');
    assert.notEqual(response.etag, before);
    return response.etag;
  });

  await step('the next read returns the new name and ETag', async () => {
    const response = await api.readUserIfNoneMatch(ann.token, ann.id, before);
    assert.equal(expectStatus(response, 200)?.name, 'Ann Bee');
    assert.equal(response.etag, after);
    expectStatus(await api.readUserIfNoneMatch(ann.token, ann.id, after), 304);
  });

  await step('change the e-mail address, with the password entered again', async () => {
    const change = (token: string) => api.changeProfile(token, ann.id, after, { email: `new-${ann.email}` });
    expectStatus(await change(ann.token), 401, 'REAUTHENTICATION_REQUIRED');
    const { access_token: token } = expectStatus(await api.reauthenticate(ann.token, ann.password), 200);
    assert.equal(expectStatus(await change(token), 200).email, `new-${ann.email}`);
  });

  await step('a change based on the old version is rejected', async () => {
    const response = await api.changeProfile(ann.token, ann.id, before, { name: 'Ann Sea' });
    expectStatus(response, 412, 'USER_VERSION_STALE');
  });
});
