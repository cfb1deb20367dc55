// Secret files that change while an api process serves, with mistakes in between.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { ANN, CLIENTS, key, next, secrets, startApi, write, writeKeys } from './arrange-secrets.ts';

describe('a running api', { timeout: 60_000 }, () => {
  it('keeps its signing keys while the file is not valid, reports it once, and uses the next valid file', async () => {
    const { program, call, becomes, logIn, isValid, kids, lines } = await startApi();
    const registered = await call('/api/v1/users', { body: ANN });
    const me = `/api/v1/users/${String(registered.body.id)}`;
    const oldToken = String((await logIn()).body.access_token);
    const oldTwin = String((await logIn()).body.access_token);
    expect((await call(me, { token: oldToken })).status).toBe(200);

    writeKeys(key, { ...next, y: undefined });
    await becomes('degraded');
    const { status, body } = await logIn();
    expect(status).toBe(200);
    expect((await call(me, { token: String(body.access_token) })).status).toBe(200);
    expect([await kids(), await isValid('AUTH_SIGNING_KEYS')]).toEqual([[key.kid], '0']);

    writeKeys(next);
    await becomes('ready');
    expect([await kids(), await isValid('AUTH_SIGNING_KEYS')]).toEqual([[next.kid], '1']);
    for (const token of [oldToken, oldTwin]) expect((await call(me, { token })).status).toBe(401);
    expect((await call(me, { token: String((await logIn()).body.access_token) })).status).toBe(200);

    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(lines('AUTH_SIGNING_KEYS').map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'secret file is not valid, the last valid content stays in use',
      'secret file is valid again',
    ]);
    expect(program.output.stdout).not.toContain(next.x);
  });

  it('keeps its clients while the file is half written, of another shape or missing', async () => {
    const { becomes, requestToken, isValid } = await startApi();
    for (const text of ['{"svc":', '{"svc":{"secretSha256":"00","scopes":[]}}']) {
      write('auth_clients', text);
      await becomes('degraded');
      expect([(await requestToken()).status, await isValid('AUTH_CLIENTS')]).toEqual([200, '0']);
      write('auth_clients', JSON.stringify(CLIENTS));
      await becomes('ready');
    }
    rmSync(join(secrets, 'auth_clients'));
    await becomes('degraded');
    expect((await requestToken()).status).toBe(200);
  });

  it('remembers the end of a session for as long as the longest lifetime that it accepts', async () => {
    const lifetimes = { AUTH_ACCESS_TOKEN_TTL_SECONDS: '60', AUTH_ACCEPTED_TOKEN_TTL_SECONDS: '600' };
    const { server, call, logIn } = await startApi(lifetimes);
    await call('/api/v1/users', { body: ANN });
    const { body } = await logIn();
    expect(body).toMatchObject({ expires_in: 60 });
    await call('/api/v1/auth/logout', { body: {}, token: String(body.access_token) });
    const redis = new Redis(server);
    const remainingMs = await redis.pttl('revoked-sessions');
    redis.disconnect();
    expect(remainingMs).toBeGreaterThan(500_000);
  });

  it('fails no request while keys are rotated with mistakes in between', async () => {
    const limits = ['HTTP_STRICT_LIMIT_PER_MINUTE', 'HTTP_RATE_LIMIT_PER_SECOND', 'HTTP_RATE_LIMIT_BURST'];
    const unlimited = Object.fromEntries(limits.map((name) => [name, '1000000']));
    const { program, call, logIn, requestToken, kids } = await startApi(unlimited);
    await call('/api/v1/users', { body: ANN });
    const statuses = new Set<number>();
    let rotating = true;
    const callers = Array.from({ length: 4 }, async () => {
      while (rotating) {
        const { status, body } = await requestToken();
        statuses.add(status).add((await call('/api/v1/users?limit=1', { token: String(body.access_token) })).status);
        statuses.add((await call('/.well-known/jwks.json')).status).add((await logIn()).status);
      }
    });
    const sets = [
      [key, next],
      [next, key],
      [{ ...next, x: next.y }, key],
      [next, key],
      [key, next],
    ];
    for (const keys of sets) {
      writeKeys(...keys);
      const isValid = keys.every(({ x, y }) => x !== y);
      if (isValid)
        await eventually(async () => {
          expect(await kids()).toEqual(keys.map(({ kid }) => kid));
        });
      else
        await eventually(() => {
          expect(program.output.stdout).toContain('secret file is not valid');
        });
    }
    rotating = false;
    await Promise.all(callers);
    expect([...statuses]).toEqual([200]);
  });
});
