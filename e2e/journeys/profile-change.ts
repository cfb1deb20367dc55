import assert from 'node:assert/strict';

import { expectStatus } from '../src/expect-status.ts';
import { journey } from '../src/journey.ts';
import { arrive } from '../src/person.ts';

journey('a profile change is seen through the cache', async (traveller) => {
  const { api, step } = traveller;
  const ann = await arrive(traveller);

  const before = await step('read until the cache has it', async () => {
    expectStatus(await api.readUser(ann.token, ann.id), 200);
    const answer = await api.readUser(ann.token, ann.id);
    assert.equal(expectStatus(answer, 200).name, ann.name);
    expectStatus(await api.readUserUnless(ann.token, ann.id, answer.etag), 304);
    return answer.etag;
  });

  const after = await step('change the name', async () => {
    const answer = await api.changeProfile(ann.token, ann.id, before, { name: 'Ann Bee' });
    assert.equal(expectStatus(answer, 200).name, 'Ann Bee');
    assert.notEqual(answer.etag, before);
    return answer.etag;
  });

  await step('the next read has the new name and ETag', async () => {
    const answer = await api.readUserUnless(ann.token, ann.id, before);
    assert.equal(expectStatus(answer, 200)?.name, 'Ann Bee');
    assert.equal(answer.etag, after);
    expectStatus(await api.readUserUnless(ann.token, ann.id, after), 304);
  });

  await step('a change based on the old version is refused', async () => {
    const answer = await api.changeProfile(ann.token, ann.id, before, { name: 'Ann Sea' });
    expectStatus(answer, 412, 'USER_VERSION_STALE');
  });
});
