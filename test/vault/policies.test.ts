// What the policies in vault/policies allow and deny, tried on a real Vault with the token of each process.

import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { askVault, tryVault } from '../../scripts/vault/ask-vault.ts';
import { readAudit, whoReadWhat, type Access } from '../../scripts/vault/read-audit.ts';
import { useVault, type Configured } from './support/use-vault.ts';

const ROLES = ['api', 'relay', 'worker', 'migrate'] as const;
type Who = (typeof ROLES)[number] | 'operator';
type Method = 'GET' | 'PUT' | 'LIST' | 'DELETE';
type Attempt = readonly [who: Who, method: Method, path: string];

const ALLOWED: readonly Attempt[] = [
  ['api', 'GET', 'user-service/data/auth'],
  ['api', 'GET', 'user-service/data/redis'],
  ['api', 'GET', 'user-service/data/management'],
  ['api', 'GET', 'database/creds/user-service-app'],
  ['relay', 'GET', 'user-service/data/kafka'],
  ['relay', 'GET', 'user-service/data/management'],
  ['relay', 'GET', 'database/creds/user-service-app'],
  ['worker', 'GET', 'user-service/data/kafka'],
  ['worker', 'GET', 'user-service/data/management'],
  ['worker', 'GET', 'database/creds/user-service-app'],
  ['migrate', 'GET', 'user-service/data/kafka'],
  ['migrate', 'GET', 'database/creds/user-service-owner'],
  ['operator', 'GET', 'user-service/data/auth'],
  ['operator', 'PUT', 'user-service/data/redis'],
  ['operator', 'LIST', 'user-service/metadata'],
  ['operator', 'LIST', 'sys/leases/lookup/database/creds/user-service-app'],
];

const VIOLATIONS: readonly Attempt[] = [
  // another process's secrets
  ['api', 'GET', 'user-service/data/kafka'],
  ['api', 'GET', 'database/creds/user-service-owner'],
  ['api', 'GET', 'database/static-creds/user-service-owner'],
  ['relay', 'GET', 'user-service/data/auth'],
  ['relay', 'GET', 'user-service/data/redis'],
  ['relay', 'GET', 'database/creds/user-service-owner'],
  ['worker', 'GET', 'user-service/data/auth'],
  ['worker', 'GET', 'user-service/data/redis'],
  ['worker', 'GET', 'database/creds/user-service-owner'],
  ['migrate', 'GET', 'user-service/data/auth'],
  ['migrate', 'GET', 'user-service/data/management'],
  ['migrate', 'GET', 'database/creds/user-service-app'],
  ['operator', 'GET', 'user-service/data/redis'],
  ['operator', 'GET', 'database/creds/user-service-app'],
  // more than reading
  ['api', 'PUT', 'user-service/data/auth'],
  ['api', 'LIST', 'user-service/metadata'],
  ['api', 'DELETE', 'user-service/metadata/auth'],
  ['relay', 'PUT', 'user-service/data/kafka'],
  ['worker', 'PUT', 'database/rotate-role/user-service-app'],
  ['operator', 'DELETE', 'user-service/metadata/auth'],
  // Vault itself
  ['api', 'GET', 'database/config/user-service'],
  ['api', 'PUT', 'auth/approle/role/user-service-worker/secret-id'],
  ['worker', 'GET', 'auth/approle/role/user-service-migrate/role-id'],
  ['relay', 'GET', 'sys/policies/acl/user-service-api'],
  ['migrate', 'GET', 'sys/audit'],
  ['migrate', 'LIST', 'sys/leases/lookup/database/creds/user-service-app'],
  ['operator', 'PUT', 'sys/policies/acl/user-service-api'],
  ['operator', 'PUT', 'sys/audit/other'],
];

const OPERATIONS: Readonly<Record<Method, string>> = { GET: 'read', PUT: 'update', LIST: 'list', DELETE: 'delete' };
const named = (who: Who): string => (who === 'operator' ? 'token-operator' : `user-service-${who}`);

describe('policies of Vault', () => {
  let at: Configured;
  useVault({ mode: 'dynamic', leaseSeconds: 60 }, (made) => (at = made));

  const tokens = new Map<Who, string>();
  const attempt = async ([who, method, path]: Attempt): Promise<number> => {
    const token = tokens.get(who) ?? (who === 'operator' ? await at.operator() : await at.logIn(who));
    tokens.set(who, token);
    const content = method === 'PUT' ? { data: { password: 'new' }, type: 'file', policy: '' } : undefined;
    return (await tryVault({ address: at.vault.address, token }, method, path, content)).status;
  };
  const accesses = (): Access[] => readAudit(at.vault.auditFile);

  it.each(ALLOWED)('lets %s %s %s', async (...allowed) => {
    expect(await attempt(allowed)).toBe(200);
  });

  it('denies every violation and records each one', async () => {
    const before = accesses().length;
    const statuses = [];
    for (const violation of VIOLATIONS) statuses.push(`${violation.join(' ')}: ${await attempt(violation)}`);
    expect(statuses).toEqual(VIOLATIONS.map((violation) => `${violation.join(' ')}: 403`));

    const denied = accesses()
      .slice(before)
      .filter((access) => access.denied)
      .map(({ who, operation, path }) => `${who} ${operation} ${path.replace(/\/$/, '')}`);
    const expected = VIOLATIONS.map(([who, method, path]) => `${named(who)} ${OPERATIONS[method]} ${path}`); // eslint-disable-line security/detect-object-injection -- a name of the type
    expect(denied).toEqual(expected);
    console.log(
      `${statuses.length} policy violations tried, ${statuses.length} denied, ${denied.length} in the audit log`,
    );
  });

  it('records who read what', () => {
    const table = whoReadWhat(accesses());
    console.log(table);
    expect(table).toMatch(/^user-service-api +read +user-service\/data\/auth +1 /m);
    expect(table).toMatch(/^user-service-relay +read +user-service\/data\/auth +1 .*DENIED$/m);
  });

  it('records no secret in plain text', async () => {
    const { vault, secrets } = at;
    const token = await at.logIn('api');
    const login = await askVault<{ data: { password: string } }>(
      { ...vault, token },
      'GET',
      'database/creds/user-service-app',
    );
    await attempt(['operator', 'PUT', 'user-service/data/redis']);
    const log = readFileSync(vault.auditFile, 'utf8');
    const [key] = (JSON.parse(secrets.auth_signing_keys) as { keys: { d: string }[] }).keys;
    const plain = [
      login.data.password,
      token,
      vault.token,
      secrets.redis_password,
      secrets.http_management_token,
      key?.d,
    ];
    for (const secret of plain) expect(log.includes(secret ?? '')).toBe(false);
    expect(log).toContain('"signing_keys":"hmac-sha256:');
  });

  it('has a policy for every process and none besides', async () => {
    const { data } = await askVault<{ data: { keys: string[] } }>(at.vault, 'LIST', 'sys/policies/acl');
    const own = data.keys.filter((name) => name.startsWith('user-service-'));
    expect(new Set(own)).toEqual(new Set([...ROLES, 'operator'].map((role) => `user-service-${role}`)));
  });
});
