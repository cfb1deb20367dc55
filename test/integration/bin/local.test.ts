// `npm start` as a process: its start screen, demo account, shutdown, and data that survives a restart.

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { startProgram } from '../../support/child-process.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';

const packageJson = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  version: string;
};

const directory = mkdtempSync(join(tmpdir(), 'user-service-local-'));
chmodSync(directory, 0o755); // when root runs this, PostgreSQL runs as another account
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const programs: ReturnType<typeof startProgram>[] = [];
afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.kill('SIGTERM');
    await program.exited;
  }
});

const startLocal = async (...args: string[]) => {
  const [port, managementPort] = [await freePort(), await freePort()];
  const env = { HTTP_PORT: String(port), HTTP_MANAGEMENT_PORT: String(managementPort) };
  const program = startProgram('local', { args: ['--directory', directory, ...args], env });
  programs.push(program);
  return { ...program, url: `http://127.0.0.1:${port}`, managementUrl: `http://127.0.0.1:${managementPort}` };
};

const post = (url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

const demoPassword = async (program: Awaited<ReturnType<typeof startLocal>>): Promise<string> =>
  (await program.prints(/demo account +demo \/ (\S+)/))[1] ?? '';

describe('npm start', { timeout: 60_000 }, () => {
  it('prints one screen, serves the demo account, and stops cleanly', async () => {
    const program = await startLocal();
    const password = await demoPassword(program);
    await program.prints(/Press Ctrl-C to stop/);

    const response = await post(`${program.url}/api/v1/auth/login`, { login: 'demo', password });
    expect(response.status).toBe(200);
    const ann = { username: 'ann', name: 'Ann', email: 'ann@example.com', password: 'three quiet rivers' };
    expect((await post(`${program.url}/api/v1/users`, ann)).status).toBe(201);
    expect((await fetch(`${program.managementUrl}/health/ready`)).status).toBe(200);
    expect(await (await fetch(`${program.managementUrl}/metrics`)).text()).toMatch(
      /^user_registrations_total\{?.*\}? 2$/m,
    );
    expect((await fetch(`${program.url}/docs`)).status).toBe(200);

    program.kill('SIGINT');
    expect(await program.exited).toBe(0);
    expect(existsSync(join(directory, 'postgres/data/postmaster.pid'))).toBe(false);
  });

  it('reports the version in package.json on its screen, in /info and in the OpenAPI document', async () => {
    const program = await startLocal();
    const [, shown] = await program.prints(/user-service (\S+) is running/);

    const [info, openApi] = await Promise.all(
      [`${program.managementUrl}/info`, `${program.url}/openapi.json`].map(async (url) => (await fetch(url)).json()),
    );
    expect(shown).toBe(packageJson.version);
    expect(info).toMatchObject({ version: packageJson.version });
    expect(openApi).toMatchObject({ info: { version: packageJson.version } });
  });

  it.each([
    [1999, 'confirmed'],
    [200_000, 'rejected'],
  ])('decides an order of %i, through outbox, codec, bus and worker: %s', async (amountMinor, status) => {
    const program = await startLocal();
    const login = { login: 'demo', password: await demoPassword(program) };
    const tokens = (await (await post(`${program.url}/api/v1/auth/login`, login)).json()) as { access_token: string };
    const headers = { authorization: `Bearer ${tokens.access_token}` };

    const placed = await post(`${program.url}/api/v1/orders`, { amountMinor, currency: 'EUR' }, headers);
    expect(placed.status).toBe(202);
    await eventually(async () => {
      const order = await fetch(new URL(placed.headers.get('location') ?? '', program.url), { headers });
      expect(await order.json()).toMatchObject({ status });
    });
    await eventually(async () => {
      const metrics = await (await fetch(`${program.managementUrl}/metrics`)).text();
      const counts = metrics.split('\n').filter((line) => line.startsWith('order_processing_time_seconds_count'));
      const decided = counts.filter((line) => !line.endsWith(' 0'));
      expect(decided).toEqual([expect.stringMatching(/ 1$/)]);
      expect(decided[0]).toContain(`status="${status}"`);
    });
  });

  it('keeps its data, and makes a new demo password at each start', async () => {
    const program = await startLocal();
    const password = await demoPassword(program);
    expect((await post(`${program.url}/api/v1/auth/login`, { login: 'demo', password })).status).toBe(200);
    const again = await post(`${program.url}/api/v1/auth/login`, { login: 'ann', password: 'three quiet rivers' });
    expect(again.status).toBe(200);

    const second = await startLocal();
    expect(await second.exited).toBe(1);
    expect(second.output.stderr).toMatch(/Another user-service is running/);
    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
  });

  it('starts despite the lock of a killed process', async () => {
    const program = await startLocal();
    await program.prints(/Press Ctrl-C to stop/);
    program.kill('SIGKILL');
    await program.exited;
    const next = await startLocal();
    await next.prints(/Press Ctrl-C to stop/);
    next.kill('SIGINT');
    expect(await next.exited).toBe(0);
  });

  it('deletes the data of earlier starts with --fresh', async () => {
    const program = await startLocal('--fresh');
    await program.prints(/Press Ctrl-C to stop/);
    const response = await post(`${program.url}/api/v1/auth/login`, { login: 'ann', password: 'three quiet rivers' });
    expect(response.status).toBe(401);
    program.kill('SIGINT');
    expect(await program.exited).toBe(0);
  });

  it('names a port that is in use, and how to choose another', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const env = { HTTP_PORT: String(port), HTTP_MANAGEMENT_PORT: String(await freePort()) };
    const program = startProgram('local', { args: ['--directory', directory], env });
    expect(await program.exited).toBe(1);
    expect(program.output.stderr).toContain(`port ${port} is already in use`);
    expect(program.output.stderr).toContain('HTTP_PORT');
    taken.close();
  });

  it('rejects an unknown option and prints the help text', async () => {
    const program = await startLocal('--frsh');
    expect(await program.exited).toBe(64);
    expect(program.output.stderr).toMatch(/--frsh[\s\S]*Usage/);
  });

  it('does not start with DD_ENV=production', async () => {
    const program = startProgram('local', { args: ['--directory', directory], env: { DD_ENV: 'production' } });
    expect(await program.exited).toBe(78);
    expect(program.output.stderr).toContain('DD_ENV  must be local');
  });

  it('does not delete with --fresh a folder that it did not create', async () => {
    const foreign = mkdtempSync(join(tmpdir(), 'user-service-foreign-'));
    writeFileSync(join(foreign, 'thesis.txt'), 'years of work');
    const program = startProgram('local', { args: ['--directory', foreign, '--fresh'] });
    expect(await program.exited).toBe(64);
    expect(existsSync(join(foreign, 'thesis.txt'))).toBe(true);
    rmSync(foreign, { recursive: true });
    await eventually(() => {
      expect(existsSync(foreign)).toBe(false);
    });
  });
});
