// Every event of the audit log comes from a real process: requests to an api, its start, its secrets, its flags and its end, and a migration.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { AUDIT_EVENTS, type AuditEventName } from '../../../src/observability/audit/audit-events.ts';
import { schemaOf } from '../../../src/observability/audit/audit-schema.ts';
import { startProgram } from '../../support/child-process.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTestDatabase } from '../../support/test-database.ts';
import { ANN, CLIENTS, startApi, write } from './arrange-secrets.ts';

type Line = Readonly<Record<string, unknown>> & { readonly event: AuditEventName };
type Body = Readonly<Record<string, string>>;

const TOKEN = 'c4n4ry-token-of-operators-0123456789';
const NEW_PASSWORD = 'seven loud mountains';
const NEW_EMAIL = 'ann.new@example.com';
const BOB = { ...ANN, username: 'bob', email: 'bob@example.com' };
/** What must be nowhere in the audit log and in the application log. */
const CANARIES = [ANN.email, NEW_EMAIL, BOB.email, '"Ann"', ANN.password, NEW_PASSWORD, 's3cret', TOKEN, 'eyJ'];

const folder = mkdtempSync(join(tmpdir(), 'audit-'));
const path = join(folder, 'audit.log');
const flags = join(folder, 'feature-flags.json');
const AUDIT_LOG = `file:${path}`;
const audited = (): Line[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
const ofEvent = (name: AuditEventName): Line[] => audited().filter(({ event }) => event === name);

let stdout: string;
let annId: string;

const applyMigration = async (): Promise<void> => {
  const database = await makeTestDatabase({ migrated: false });
  const program = startProgram('migrate', {
    args: ['up', '1'],
    env: {
      DD_ENV: 'test',
      AUDIT_LOG,
      POSTGRES_HOST: database.host,
      POSTGRES_PORT: String(database.port),
      POSTGRES_DATABASE: database.database,
      POSTGRES_MIGRATION_USER: database.ownerUser,
      POSTGRES_MIGRATION_PASSWORD: database.ownerPassword,
    },
  });
  expect(await program.exited, program.output.stderr).toBe(0);
  await database.drop();
};

const useApi = async (): Promise<void> => {
  write('http_management_token', TOKEN);
  const { program, url, managementUrl } = await startApi({
    ...{ AUDIT_LOG, FEATURE_FLAGS_FILE: flags, HTTP_STRICT_LIMIT_PER_MINUTE: '10' },
  });
  const send = async (method: string, to: string, body?: object, token?: string, more: object = {}) => {
    const headers = {
      ...(body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...more,
    };
    const response = await fetch(to, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, body: JSON.parse(text === '' ? '{}' : text) as Body };
  };
  const api = (method: string, at: string, body?: object, token?: string, more?: object) =>
    send(method, `${url}/api/v1${at}`, body, token, more);
  const logIn = (password: string, login = ANN.username) => api('POST', '/auth/login', { login, password });

  const level = `${managementUrl}/management/log-level`;
  await send('PUT', level, { level: 'silent', minutes: 5 }, TOKEN);
  const ann = (await api('POST', '/users', ANN)).body;
  const bob = (await api('POST', '/users', BOB)).body;
  annId = ann.id ?? '';
  await logIn('wrong wrong wrong');
  const session = (await logIn(ANN.password)).body;
  const token = session.access_token ?? '';
  await api('POST', '/auth/reauthenticate', { password: 'wrong wrong wrong' }, token);
  const fresh = (await api('POST', '/auth/reauthenticate', { password: ANN.password }, token)).body.access_token;
  await api('PATCH', `/users/${annId}`, { email: NEW_EMAIL }, fresh, { 'if-match': '"1"' });
  await api('PUT', `/users/${annId}/password`, { oldPassword: ANN.password, newPassword: NEW_PASSWORD }, token);
  await api('GET', `/users/${bob.id ?? ''}`, undefined, token);
  const client = { client_id: 'svc', grant_type: 'client_credentials' };
  await api('POST', '/auth/token', { ...client, client_secret: 'wrong' });
  await api('POST', '/auth/token', { ...client, client_id: ANN.email, client_secret: 'wrong' });
  const service = (await api('POST', '/auth/token', { ...client, client_secret: 's3cret' })).body.access_token;
  await api('GET', '/users?limit=2', undefined, service);
  await api('POST', '/auth/refresh', { refresh_token: session.refresh_token });
  await api('POST', '/auth/refresh', { refresh_token: session.refresh_token });
  const last = (await logIn(NEW_PASSWORD)).body.access_token ?? '';
  await api('POST', '/auth/logout', undefined, last);
  await api('GET', `/users/${annId}`, undefined, last);
  await api('GET', `/users/${annId}`, undefined, `${last.slice(0, last.lastIndexOf('.'))}.${'A'.repeat(86)}`);
  const eraser = (await logIn(ANN.password, BOB.username)).body.access_token ?? '';
  const erase = (await api('POST', '/auth/reauthenticate', { password: BOB.password }, eraser)).body.access_token;
  await api('DELETE', `/users/${bob.id ?? ''}`, undefined, erase);
  for (let i = 0; i < 8; i += 1) await logIn('wrong wrong wrong');

  await send('PUT', level, { level: 'info', minutes: 5 });
  expect((await send('PUT', `${url}/management/log-level`, { level: 'info' }, TOKEN)).status).toBe(404);

  write('auth_clients', '{');
  await eventually(() => {
    expect(ofEvent('sys_secret_changed')).toHaveLength(1);
  });
  write('auth_clients', JSON.stringify({ ...CLIENTS, other: CLIENTS.svc }));
  await eventually(() => {
    expect(ofEvent('sys_secret_changed')).toHaveLength(2);
  });
  for (const [content, events] of [
    ['{', 1],
    ['{"accept-orders": false, "payment-decline-limit-minor": 1000000000}', 3],
  ] as const) {
    writeFileSync(flags, content);
    await eventually(() => {
      expect(ofEvent('sys_feature_flag_changed')).toHaveLength(events);
    });
  }
  program.kill('SIGTERM');
  expect(await program.exited).toBe(0);
  ({ stdout } = program.output);
};

describe('the audit log of real processes', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    await applyMigration();
    await useApi();
  }, 60_000);
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('has every event that is declared, and no other', () => {
    expect(new Set(audited().map(({ event }) => event))).toEqual(new Set(Object.keys(AUDIT_EVENTS)));
  });

  it.each(Object.keys(AUDIT_EVENTS) as AuditEventName[])('%s fits its schema', (name) => {
    for (const line of ofEvent(name)) expect([...Value.Errors(schemaOf(name), line)], JSON.stringify(line)).toEqual([]);
  });

  it('says which flag had which value before and after', () => {
    expect(ofEvent('sys_feature_flag_changed')).toMatchObject([
      { outcome: 'refused', reason: 'invalid', target: { kind: 'setting', id: 'FEATURE_FLAGS_FILE' } },
      { target: { id: 'accept-orders' }, details: { source: 'file', from: 'true', to: 'false' } },
      { target: { id: 'payment-decline-limit-minor' }, details: { from: 'default', to: '1000000000' } },
    ]);
  });

  it('contains no e-mail address, name, password or token, and neither does the application log', () => {
    const text = `${readFileSync(path, 'utf8')}${stdout}`;
    expect(CANARIES.filter((canary) => text.includes(canary))).toEqual([]);
  });

  it('is written in order, from the start to the end, whatever LOG_LEVEL says', () => {
    const times = audited().map(({ timestamp }) => Date.parse(String(timestamp)));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(audited().filter(({ service }) => service !== undefined)).toHaveLength(audited().length);
    expect(audited().at(0)).toMatchObject({ event: 'sys_migration_applied', target: { id: '0001_create-users' } });
    expect(audited().at(1)).toMatchObject({ event: 'sys_startup', actor: { kind: 'process' }, env: 'staging' });
    expect(audited().at(-1)).toMatchObject({ event: 'sys_shutdown', reason: 'SIGTERM' });
    expect(stdout).not.toContain('"log":"audit"');
    expect(stdout).not.toContain('user registered');
  });

  it('says who, in which request', () => {
    expect(ofEvent('user_created').at(0)).toMatchObject({ actor: { kind: 'user', id: annId } });
    expect(ofEvent('sensitive_read')).toMatchObject([{ actor: { kind: 'service', id: 'svc' }, details: { count: 2 } }]);
    expect(ofEvent('authz_fail')).toMatchObject([
      { actor: { kind: 'user', id: annId }, reason: 'ACCESS_DENIED', target: { id: '/api/v1/users/:id' } },
    ]);
    expect(ofEvent('authn_token_rejected')).toMatchObject([
      { reason: 'revoked', actor: { kind: 'user', id: annId }, address: '127.0.0.1' },
      { reason: 'forged', actor: { kind: 'anonymous' } },
    ]);
    expect(ofEvent('authn_client_token')).toMatchObject([
      { outcome: 'refused', actor: { kind: 'service', id: 'svc' }, address: '127.0.0.1' },
      { outcome: 'refused', actor: { kind: 'anonymous' } },
      { outcome: 'success', actor: { kind: 'service', id: 'svc' } },
    ]);
    expect(ofEvent('user_updated')).toMatchObject([{ details: { fields: ['email'], version: 2 } }]);
    const ofRequests = audited().filter(({ event }) => !event.startsWith('sys_'));
    expect(ofRequests.filter(({ requestId }) => typeof requestId !== 'string')).toEqual([]);
  });

  it('has what operators did, and what was refused to others', () => {
    expect(ofEvent('management_action')).toMatchObject([
      {
        outcome: 'success',
        actor: { kind: 'operator' },
        details: { action: 'log-level', level: 'silent', minutes: 5 },
      },
      { outcome: 'refused', actor: { kind: 'anonymous' }, reason: 'token', address: '127.0.0.1' },
    ]);
  });

  it('is closed to other accounts', () => {
    expect(statSync(path).mode & 0o007).toBe(0);
  });
});

describe('an audit log that cannot be written', { timeout: 60_000 }, () => {
  it('stops the start with 78 and the name of the setting', async () => {
    const env = { DD_ENV: 'test', AUDIT_LOG: 'file:/none/audit.log', POSTGRES_PASSWORD: 'x' };
    const program = startProgram('worker', { env });
    expect(await program.exited).toBe(78);
    expect(program.output.stderr).toContain('AUDIT_LOG  names a file that cannot be opened (ENOENT)');
  });

  it('goes to standard output meanwhile: degraded, one line, and no event is lost', async () => {
    const volume = mkdtempSync(join(tmpdir(), 'volume-'));
    const { program, becomes, logIn } = await startApi({ AUDIT_LOG: `file:${join(volume, 'audit.log')}` });
    await becomes('ready');
    rmSync(volume, { recursive: true });
    await becomes('degraded');
    await logIn();
    await program.prints(/"log":"audit".*"event":"authn_login_fail"/);
    expect(program.output.stdout.match(/"msg":"the file of the audit log cannot be written/g)).toHaveLength(1);
  });

  it('is standard output by default, where each line has a marker', async () => {
    const { program, logIn } = await startApi();
    await logIn();
    await program.prints(/^\{"log":"audit".*"event":"authn_login_fail".*\}$/m);
  });
});
