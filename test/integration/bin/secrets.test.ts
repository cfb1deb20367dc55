// Secret files of the real programs: content that is not valid, at the start and while an api process serves.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { startProgram } from '../../support/child-process.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';

const secrets = mkdtempSync(join(tmpdir(), 'user-service-secrets-'));
const ANN = { username: 'ann', name: 'Ann', email: 'ann@example.com', password: 'three quiet rivers' };
const key = await newSigningKey();
const next = await newSigningKey();
const CLIENTS = {
  svc: { secretSha256: [createHash('sha256').update('s3cret').digest('hex')], scopes: ['users:list'] },
};

const write = (name: string, text: string): void => {
  writeFileSync(join(secrets, name), text);
};
const writeKeys = (...keys: object[]): void => {
  write('auth_signing_keys', JSON.stringify({ keys }));
};

let database: TestDatabase;
beforeAll(async () => {
  database = await makeTestDatabase();
});
afterAll(async () => {
  await database.drop();
  rmSync(secrets, { recursive: true });
});

const programs: ReturnType<typeof startProgram>[] = [];
afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.kill('SIGKILL');
    await program.exited;
  }
});

const startApi = async () => {
  write('postgres_password', database.appPassword);
  writeKeys(key);
  write('auth_clients', JSON.stringify(CLIENTS));
  const server = makeTestRedis();
  const [port, managementPort] = [await freePort(), await freePort()];
  const program = startProgram('api', {
    env: {
      DD_ENV: 'staging',
      SECRETS_DIR: secrets,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: String(port),
      HTTP_MANAGEMENT_HOST: '127.0.0.1',
      HTTP_MANAGEMENT_PORT: String(managementPort),
      HTTP_STRICT_LIMIT_PER_MINUTE: '100000',
      POSTGRES_HOST: database.host,
      POSTGRES_PORT: String(database.port),
      POSTGRES_DATABASE: database.database,
      POSTGRES_USER: database.appUser,
      REDIS_HOST: server.host,
      REDIS_PORT: String(server.port),
      REDIS_KEY_PREFIX: server.keyPrefix,
      LIFECYCLE_DRAIN_DELAY_MS: '0',
      ...(server.password !== undefined && { REDIS_PASSWORD: server.password }),
    },
  });
  programs.push(program);

  const manage = async (path: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${managementPort}${path}`)).text();
  const call = async (path: string, options: { body?: object; token?: string } = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: options.body === undefined ? 'GET' : 'POST',
      headers: {
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const becomes = (status: 'ready' | 'degraded') =>
    eventually(async () => {
      expect(JSON.parse(await manage('/health/ready'))).toMatchObject({ status });
    });
  await program.prints(/api is ready/);

  const logIn = () => call('/api/v1/auth/login', { body: { login: ANN.username, password: ANN.password } });
  return {
    program,
    call,
    becomes,
    logIn,
    /** A gauge of a setting. */
    isValid: async (setting: string): Promise<string | undefined> =>
      (await manage('/metrics'))
        .split('\n')
        .find((line) => line.startsWith(`config_secret_valid{setting="${setting}"`))
        ?.at(-1),
    requestToken: () =>
      call('/api/v1/auth/token', {
        body: { client_id: 'svc', client_secret: 's3cret', grant_type: 'client_credentials' },
      }),
    kids: async () => ((await call('/.well-known/jwks.json')).body.keys as JWK[]).map(({ kid }) => kid),
    lines: (setting: string) =>
      program.output.stdout.split('\n').filter((line) => line.includes(`"setting":"${setting}"`)),
  };
};

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

  it('fails no request while keys are rotated with mistakes in between', async () => {
    const { call, logIn, requestToken, kids } = await startApi();
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
          expect(programs[0]?.output.stdout).toContain('secret file is not valid');
        });
    }
    rotating = false;
    await Promise.all(callers);
    expect([...statuses]).toEqual([200]);
  });
});

describe('at the start', () => {
  const bad = {
    DD_ENV: 'production',
    SECRETS_DIR: mkdtempSync(join(tmpdir(), 'user-service-secrets-')),
  };
  beforeAll(() => {
    const files = {
      postgres_password: 'x',
      postgres_migration_password: 'x',
      auth_signing_keys: `{"keys":[{"kid":"hunter2"}]}`,
      auth_clients: '{"hunter2":null}',
      'ca.pem': '-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(bad.SECRETS_DIR, name), text);
  });

  it.each<[string, string[], Record<string, string>, string[]]>([
    ['api', [], {}, ['AUTH_SIGNING_KEYS', 'AUTH_CLIENTS']],
    ['api', [], { POSTGRES_TLS_CA_FILE: join(bad.SECRETS_DIR, 'ca.pem') }, ['POSTGRES_TLS_CA_FILE']],
    ['relay', [], { POSTGRES_TLS_CA_FILE: '/nope' }, ['POSTGRES_TLS_CA_FILE']],
    ['worker', [], { POSTGRES_TLS_CA_FILE: join(bad.SECRETS_DIR, 'ca.pem') }, ['POSTGRES_TLS_CA_FILE']],
    ['migrate', ['status'], { POSTGRES_TLS_CA_FILE: '/nope' }, ['POSTGRES_TLS_CA_FILE']],
    ['migrate', ['schemas'], { SCHEMA_REGISTRY_URL: 'https://canary:hunter2@registry' }, ['SCHEMA_REGISTRY_URL']],
    ['relay', [], { SCHEMA_REGISTRY_URL: 'https://canary:hunter2@registry' }, ['SCHEMA_REGISTRY_URL']],
    ['redrive', ['--outbox'], { POSTGRES_TLS_CA_FILE: bad.SECRETS_DIR }, ['POSTGRES_TLS_CA_FILE']],
  ])('%s %s with %j exits with 78 and names %s', async (program, args, env, names) => {
    const started = startProgram(program, { args, env: { ...bad, ...env } });
    programs.push(started);
    expect(await started.exited).toBe(78);
    const { stdout, stderr } = started.output;
    for (const name of names) expect(stderr).toContain(`\n  ${name} `);
    expect([stdout, stderr]).toEqual(['', expect.not.stringMatching(/hunter2|canary| {4}at /)]);
  });
});
