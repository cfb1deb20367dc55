// A retry reaches a process of the other release, as during a rolling update: never a second user, never a 5xx.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';

import { makeStoreSurroundings } from '../resilience/support/store-surroundings.ts';
import { migrateUp, reportCheck, startProcess } from './process.ts';

const HERE = join(import.meta.dirname, '../..');

describe.each(inject('previous'))('previous release: $name', ({ name, directory: root }) => {
  it('shares idempotency keys with the current one', async () => {
    const { database, env, pool, close } = await makeStoreSurroundings({ migrated: false });
    onTestFinished(close);
    await migrateUp(database, root);
    await migrateUp(database);
    const start = async (from: string) => {
      const api = await startProcess({ role: 'api', env, root: from });
      onTestFinished(async () => {
        await api.end();
      });
      await api.becomes(200);
      return api;
    };
    const [theirs, ours] = [await start(root), await start(HERE)];
    const register = async ({ url }: { url: string }, username: string) => {
      const response = await fetch(`${url}/users`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': username },
        body: JSON.stringify({ username, name: 'A', email: `${username}@example.com`, password: 'three quiet rivers' }),
      });
      return { status: response.status, id: ((await response.json()) as { id?: string }).id };
    };
    const [old, fresh] = [`u${randomUUID().slice(0, 8)}`, `u${randomUUID().slice(0, 8)}`];

    const first = await register(theirs, old);
    const replayed = await register(ours, old);
    await register(ours, fresh);
    const refused = await register(theirs, fresh);

    expect(replayed).toEqual({ status: 201, id: first.id });
    expect([201, 422]).toContain(refused.status);
    const { rows } = await pool.query<{ count: number }>('SELECT count(*)::integer AS count FROM users');
    expect(rows).toEqual([{ count: 2 }]);
    reportCheck(`${name} · its idempotency keys`, `replayed 201; a current one at its api ${refused.status}; 2 users`);
  });
});
