// The processes of the service with TLS and a private authority on every connection, as in production.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newSigningKey } from '../../src/auth/tokens/new-signing-key.ts';
import { eventually } from '../support/eventually.ts';
import { makePrivateAuthority } from '../support/private-authority.ts';
import { LOGINS } from '../support/template-database.ts';
import { useFiles } from './support/files.ts';
import { settingsFor, usePrograms } from './support/processes.ts';
import { startTlsKafka } from './support/tls-kafka.ts';
import { startTlsPostgres } from './support/tls-postgres.ts';
import { startTlsRedis } from './support/tls-redis.ts';

const PASSWORD = randomUUID();
const files = useFiles();
const authority = makePrivateAuthority('Authority A');
const pair = authority.issue({ addresses: [] });
const close: (() => Promise<void>)[] = [];
const { runProgram, start } = usePrograms();

let settings: Record<string, string>;
beforeAll(async () => {
  const secrets = {
    'ca.pem': authority.pem,
    postgres_password: LOGINS.appPassword,
    postgres_migration_password: LOGINS.ownerPassword,
    redis_password: PASSWORD,
    kafka_password: PASSWORD,
    auth_signing_keys: JSON.stringify({ keys: [await newSigningKey()] }),
  };
  for (const [name, text] of Object.entries(secrets)) files.write(name, text);
  const [postgres, redis, kafka] = await Promise.all([
    startTlsPostgres(pair),
    startTlsRedis(files, pair),
    startTlsKafka(files, pair),
  ]);
  close.push(postgres.close, redis.close, kafka.close);
  await redis.administer('ACL', 'SETUSER', 'user-service', 'reset', 'on', `>${PASSWORD}`, '~*', '&*', '+@all');
  await kafka.setPassword('user-service', PASSWORD);
  settings = settingsFor(files, { postgres, redis, kafka });
  for (const command of ['up', 'topics', 'schemas']) {
    const { code, text } = await runProgram('migrate', [command], settings);
    expect(code, text).toBe(0);
  }
});
afterAll(async () => {
  await Promise.all(close.map((stop) => stop()));
});

const call = async (url: string, body?: object, token?: string) => {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, string>;
};

describe('api, relay and worker', () => {
  it('confirm an order, and keep the last good authorities while their file is bad', async () => {
    const [api, relay, worker] = await Promise.all([
      start('api', settings),
      start('relay', { ...settings, KAFKA_CLIENT: 'kafkajs' }),
      start('worker', { ...settings, KAFKA_CLIENT: 'platformatic' }),
    ]);
    const all = [api, relay, worker];
    for (const { becomes } of all) await becomes(200, /"status":"ready"/);

    const ann = { username: 'ann', name: 'Ann', email: 'ann@example.com', password: 'three quiet rivers' };
    await call(`${api.url}/api/v1/users`, ann);
    const session = await call(`${api.url}/api/v1/auth/login`, { login: 'ann', password: ann.password });
    const order = { amountMinor: 1999, currency: 'EUR' };
    const placed = await call(`${api.url}/api/v1/orders`, order, session.access_token);
    await eventually(
      async () => {
        const found = await call(`${api.url}/api/v1/orders/${placed.id ?? ''}`, undefined, session.access_token);
        expect(found.status).toBe('confirmed');
      },
      { deadlineMs: 60_000 },
    );

    files.write('ca.pem', 'not a certificate');
    for (const { becomes } of all) await becomes(200, /"status":"degraded".*"secrets":\{"status":"down"/);
    for (const { output } of all) expect(output.stdout).toContain('contains no PEM certificate');
    files.write('ca.pem', authority.pem);
    for (const { becomes } of all) await becomes(200, /"status":"ready"/);
    for (const { kill, exited, output } of all) {
      kill('SIGTERM');
      expect(await exited, output.stdout).toBe(0);
      expect(output.stdout).not.toContain(PASSWORD);
    }
  });

  it.each([
    ['relay', 'kafkajs'],
    ['worker', 'kafkajs'],
    ['relay', 'platformatic'],
    ['worker', 'platformatic'],
  ])(
    '%s with %s and a wrong password is not ready, says why, and becomes ready with the right one',
    async (...given) => {
      const [role, client] = given;
      files.write('kafka_password', 'wrong-password');
      const program = await start(role, { ...settings, KAFKA_CLIENT: client });
      await program.becomes(503, /"kafka":\{"status":"down"/);
      await program.prints(/"msg":"[^"]*[^\n]*authentication failed/i);
      files.write('kafka_password', PASSWORD);
      await program.becomes(200, /"status":"ready"/);
      expect(program.output.stdout).not.toContain('wrong-password');
    },
  );

  it.each(['api', 'relay', 'worker'])('%s does not start with a bad file of authorities', async (role) => {
    files.write('empty.pem', '');
    files.write('text.pem', 'hunter2');
    const name = role === 'api' ? 'REDIS_TLS_CA_FILE' : 'KAFKA_TLS_CA_FILE';
    for (const file of ['missing.pem', 'empty.pem', 'text.pem']) {
      const { code, text } = await runProgram(role, [], { ...settings, [name]: join(files.folder, file) });
      expect([code, text]).toEqual([78, expect.stringContaining(name)]);
      expect(text).not.toContain('hunter2');
    }
  });
});
