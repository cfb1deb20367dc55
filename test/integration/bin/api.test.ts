// The api process from outside: settings, probes, a dependency that is down at start, shutdown.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { startProgram } from '../../support/child-process.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { openSocket } from '../../support/http/raw-request.ts';
import { makeTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { asAdmin } from '../postgres/arrange.ts';
import { makeTestRedis } from '../../support/test-redis.ts';

const secrets = mkdtempSync(join(tmpdir(), 'user-service-secrets-'));
let database: TestDatabase;
let postgres: TcpProxy;
let redis: TcpProxy;

beforeAll(async () => {
  database = await makeTestDatabase();
  writeFileSync(join(secrets, 'postgres_password'), `${database.appPassword}\n`);
  writeFileSync(join(secrets, 'auth_signing_keys'), JSON.stringify({ keys: [await newSigningKey()] }));
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
  await Promise.all([postgres.close(), redis.close()]);
});

const startApi = async () => {
  const server = makeTestRedis();
  [postgres, redis] = [await makeTcpProxy(database), await makeTcpProxy(server)];
  const [port, managementPort] = [await freePort(), await freePort()];
  const start = () => {
    const program = startProgram('api', {
      env: {
        DD_ENV: 'staging',
        DD_VERSION: '1.2.3',
        SECRETS_DIR: secrets,
        HTTP_HOST: '127.0.0.1',
        HTTP_PORT: String(port),
        HTTP_MANAGEMENT_HOST: '127.0.0.1',
        HTTP_MANAGEMENT_PORT: String(managementPort),
        POSTGRES_HOST: postgres.host,
        POSTGRES_PORT: String(postgres.port),
        POSTGRES_DATABASE: database.database,
        POSTGRES_USER: database.appUser,
        REDIS_HOST: redis.host,
        REDIS_PORT: String(redis.port),
        REDIS_KEY_PREFIX: server.keyPrefix,
        LIFECYCLE_DRAIN_DELAY_MS: '300',
        ...(server.password !== undefined && { REDIS_PASSWORD: server.password }),
      },
    });
    programs.push(program);
    return program;
  };
  const probe = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${managementPort}${path}`);
    return { status: response.status, body: await response.text() };
  };
  const becomes = (path: string, status: number) =>
    eventually(
      async () => {
        const response = await probe(path);
        expect(response.status).toBe(status);
        return response;
      },
      { deadlineMs: 15_000 },
    );
  return { start, probe, becomes, ports: [port, managementPort], url: `http://127.0.0.1:${port}` };
};

describe('bin/api', { timeout: 60_000 }, () => {
  it('serves requests, reports its version, and exits with 0 after its last line', async () => {
    const { start, probe, becomes, url } = await startApi();
    const program = start();
    await becomes('/health/ready', 200);
    expect(JSON.parse((await probe('/info')).body)).toMatchObject({ env: 'staging', version: '1.2.3' });
    const ann = { username: 'ann', name: 'Ann', email: 'ann@example.com', password: 'three quiet rivers' };
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/api/v1/users`, { method: 'POST', headers, body: JSON.stringify(ann) });
    expect(response.status).toBe(201);

    program.kill('SIGTERM');
    await becomes('/health/ready', 503);
    expect((await fetch(`${url}/api/v1/users/x`)).headers.get('connection')).toBe('close');
    expect(await program.exited).toBe(0);
    const lines = program.output.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find(({ msg }) => msg === 'user registered')).toMatchObject({
      'dd.version': '1.2.3',
      logger: 'business',
    });
    expect(lines.at(-1)).toMatchObject({ msg: 'closed', step: 'logs' });
    expect(program.output.stdout).not.toMatch(/ann@example\.com|quiet rivers/);
    expect(program.output.stderr).toBe('');
  });

  it('exits with 0, at once after the drain delay, while clients hold silent and half-spoken connections', async () => {
    const { start, becomes, ports } = await startApi();
    const program = start();
    await becomes('/health/ready', 200);
    const HELD = ['', 'GET /', 'GET / HTTP/1.1\r\nHost: a\r\n', 'GET /none HTTP/1.1\r\nHost: a\r\n\r\n'];
    const clients = await Promise.all(ports.flatMap((port) => HELD.map((bytes) => openSocket(port, bytes))));
    for (const { read } of clients) read();

    const begin = performance.now();
    program.kill('SIGTERM');
    await becomes('/health/ready', 503);
    const late = await openSocket(ports[0] ?? 0); // while it drains
    late.read();

    expect(await program.exited).toBe(0);
    expect(performance.now() - begin).toBeLessThan(5000);
    await Promise.all([...clients, late].map(({ closed }) => closed));
    expect(program.output.stdout).not.toMatch(/"level":"(?:error|fatal)"/);
  });

  it('needs little memory for 500 clients of ten addresses that ask for a large file and do not read it', async () => {
    const { start, becomes, probe, ports } = await startApi();
    start();
    await becomes('/health/ready', 200);
    const residentMib = async (): Promise<number> => {
      const { body } = await probe('/metrics');
      return Number(/^process_resident_memory_bytes\{.*\} (\S+)$/m.exec(body)?.[1]) / 2 ** 20;
    };
    const before = await residentMib();

    const file = 'GET /docs/static/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n';
    const clients = await Promise.all(
      Array.from({ length: 500 }, (_, place) => openSocket(ports[0] ?? 0, file, `127.0.0.${10 + (place % 10)}`)),
    );
    await eventually(
      () => {
        expect(clients.filter(({ socket }) => socket.bytesRead > 0)).toHaveLength(500);
      },
      { deadlineMs: 20_000 },
    );
    const after = await residentMib();
    for (const { socket } of clients) socket.destroy();

    process.stdout.write(`500 clients that do not read: ${Math.round(before)} → ${Math.round(after)} MiB\n`);
    expect(after - before).toBeLessThan(50);
  });

  it('starts without PostgreSQL, is not ready, and becomes ready when PostgreSQL is up', async () => {
    const { start, becomes } = await startApi();
    postgres.down();
    start();
    await becomes('/health/ready', 503);
    await becomes('/health/live', 200);
    postgres.up();
    await becomes('/health/ready', 200);
  });

  it('starts without Redis, and is ready but degraded', async () => {
    const { start, becomes, probe } = await startApi();
    redis.down();
    start();
    expect((await becomes('/health/ready', 200)).body).toContain('"degraded"');
    expect((await probe('/metrics')).body).toMatch(/^dependency_up\{dependency="redis".*\} 0$/m);
    redis.up();
    await eventually(
      async () => {
        expect((await probe('/health/ready')).body).toContain('"ready"');
      },
      { deadlineMs: 15_000 },
    );
  });

  it('deletes expired rows as soon as it has started, and says what is overdue', async () => {
    await asAdmin(database, (admin) =>
      admin.query(`
        INSERT INTO idempotency_keys (key_hash, outcome, created_at)
        SELECT sha256(n::text::bytea), '{}', now() - interval '3 days' FROM generate_series(1, 2500) n`),
    );
    const { start, becomes, probe } = await startApi();
    start();
    await becomes('/health/ready', 200);
    await eventually(async () => {
      const { rows } = await asAdmin(database, (admin) => admin.query('SELECT 1 FROM idempotency_keys LIMIT 1'));
      expect(rows).toEqual([]);
    });
    expect((await probe('/metrics')).body).toMatch(/^purge_overdue_seconds\{table="idempotency_keys".*\} 0$/m);
  });

  it('reports every invalid setting at once and starts nothing', async () => {
    await startApi();
    const env = { DD_ENV: 'production', SECRETS_DIR: '/nowhere', HTTP_PORT: 'eighty', POSTGRES_POOL_SIZ: '5' };
    const program = startProgram('api', { env });
    programs.push(program);
    expect(await program.exited).toBe(78);
    expect(program.output.stdout).toBe('');
    for (const name of ['HTTP_PORT', 'POSTGRES_PASSWORD', 'AUTH_SIGNING_KEYS', 'POSTGRES_POOL_SIZE?']) {
      expect(program.output.stderr).toContain(name);
    }
  });

  it('exits with 1 and logs the cause when its port is in use', async () => {
    const { start, becomes } = await startApi();
    start();
    await becomes('/health/ready', 200);
    const second = start();
    expect(await second.exited).toBe(1);
    expect(second.output.stdout).toContain('EADDRINUSE');
  });
});
