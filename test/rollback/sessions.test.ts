// A session whose requests reach both releases in turns, as during a rolling update: it goes on, and a used refresh token ends it in both.

import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';

import { makeStoreSurroundings, type StoreSurroundings } from '../resilience/support/store-surroundings.ts';
import { migrateUp, reportCheck, startProcess } from './process.ts';

const PASSWORD = 'three quiet rivers';

let surroundings: StoreSurroundings;
beforeEach(async () => {
  surroundings = await makeStoreSurroundings({ migrated: false });
});
afterEach(() => surroundings.close());

const openApi = async (root?: string): Promise<string> => {
  const api = await startProcess({ role: 'api', env: surroundings.env, ...(root !== undefined && { root }) });
  onTestFinished(async () => {
    await api.end();
  });
  await api.becomes(200);
  return api.url;
};

const post = async (url: string, body: object) => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
};

const logIn = async (api: string): Promise<string> => {
  const username = `u${randomUUID().slice(0, 13)}`;
  const registration = { username, name: 'Ann', email: `${username}@example.com`, password: PASSWORD };
  expect((await post(`${api}/users`, registration)).status).toBe(201);
  return (await post(`${api}/auth/login`, { login: username, password: PASSWORD })).body.refresh_token ?? '';
};

const refresh = (api: string, token: string) => post(`${api}/auth/refresh`, { refresh_token: token });

/** Refreshes at each of the servers in turn. @returns all tokens, the newest last */
const refreshAt = async (apis: readonly string[], first: string): Promise<string[]> => {
  const tokens = [first];
  for (const api of apis) {
    const { status, body } = await refresh(api, tokens.at(-1) ?? '');
    expect(status).toBe(200);
    tokens.push(body.refresh_token ?? '');
  }
  return tokens;
};

describe.each(inject('previous'))('previous release: $name', ({ name, directory: root }) => {
  it('shares sessions with the current release, and the detection of used refresh tokens', async () => {
    await migrateUp(surroundings.database, root);
    await migrateUp(surroundings.database);
    const [theirs, ours] = [await openApi(root), await openApi()];
    let refreshed = 0;
    for (const begin of [theirs, ours]) {
      for (let nth = 0; nth < 4; nth += 1) {
        const tokens = await refreshAt([ours, theirs, ours, theirs, ours], await logIn(begin));
        refreshed += 5;
        expect((await refresh(ours, tokens.at(nth) ?? '')).status).toBe(401);
        expect((await refresh(theirs, tokens.at(-1) ?? '')).status).toBe(401);
      }
    }
    reportCheck(
      `${name} · sessions that both releases refresh`,
      `${refreshed} refreshes, each used token ended its session`,
    );
  });
});
