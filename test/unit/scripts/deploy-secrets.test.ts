import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { nextSteps } from '../../../scripts/secrets/next-steps.ts';
import { readOptions } from '../../../scripts/secrets/options.ts';
import { planSecrets } from '../../../scripts/secrets/plan.ts';

const folder = mkdtempSync(join(tmpdir(), 'deploy-secrets-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const fileOf = (text: string): string => {
  const path = join(folder, randomUUID());
  writeFileSync(path, text);
  return path;
};

describe('the options', () => {
  it('have defaults, and files without their last line break', () => {
    const args = ['--namespace', 'users', '--from-file', `redis_password=${fileOf('a=b\n')}`];
    expect(readOptions(args)).toEqual({
      namespace: 'users',
      name: 'user-service',
      dryRun: false,
      given: new Map([['redis_password', 'a=b']]),
    });
  });

  it.each([
    [[], 'missing option --namespace'],
    [['--namespace', 'Users'], 'invalid value "Users" for --namespace'],
    [['--namespace', 'a; rm'], 'invalid value'],
    [['--namespace', 'a', '--name', '-b'], "'--name'"],
    [['--namespace', 'a', 'b'], 'unexpected argument "b"'],
    [['--namespace', 'a', '--force'], "Unknown option '--force'"],
    [['--namespace', 'a', '--from-file', 'redis_password'], '--from-file takes <key>=<path>'],
    [['--namespace', 'a', '--from-file', 'redis=/dev/null'], 'unknown key "redis"'],
    [['--namespace', 'a', '--from-file', 'redis_password=/dev/null'], '/dev/null is empty'],
    [['--namespace', 'a', '--from-file', 'redis_password=/not/there'], '/not/there cannot be read (ENOENT)'],
  ])('%j are refused', (args, reason) => {
    expect(() => readOptions(args)).toThrow(reason);
  });

  it.each(['auth_signing_keys', 'auth_clients'])(
    'refuse %s that the service would refuse, and do not show it',
    (key) => {
      const read = () => readOptions(['--namespace', 'a', '--from-file', `${key}=${fileOf('{"hunter2":1}')}`]);
      expect(read).toThrow(`--from-file ${key}: the file `);
      expect(read).not.toThrow('hunter2');
    },
  );
});

const KEYS = {
  users: ['auth_clients', 'auth_signing_keys', 'http_management_token', 'postgres_password', 'redis_password'],
  'users-migration': ['postgres_migration_password'],
};
const keysOf = (stored: object): object =>
  Object.fromEntries(
    Object.entries(stored).map(([secret, texts]) => [
      secret,
      Object.keys(texts as object).toSorted((a, b) => a.localeCompare(b)),
    ]),
  );
const NOTHING = new Map<string, string>();

describe('the plan', () => {
  it('adds every key to an empty namespace, and nothing the second time', () => {
    const { added } = planSecrets('users', {}, NOTHING);
    expect(keysOf(added)).toEqual(KEYS);
    expect(planSecrets('users', added, NOTHING)).toMatchObject({ added: {}, different: [] });
  });

  it('adds only what is missing, and leaves keys alone that it does not know', () => {
    const { added: all } = planSecrets('users', {}, NOTHING);
    const stored = { ...all, users: { postgres_password: 'mine', other: 'x' } };
    const { added, kept } = planSecrets('users', stored, NOTHING);
    expect(keysOf(added)).toEqual({
      users: ['auth_clients', 'auth_signing_keys', 'http_management_token', 'redis_password'],
    });
    expect(kept.get('users')).toEqual(['postgres_password', 'other']);
  });

  it('takes given texts instead of random ones, in the Secrets that use them', () => {
    const given = new Map([
      ['postgres_migration_password', 'owner'],
      ['schema_registry_password', 'registry'],
    ]);
    const { added } = planSecrets('users', {}, given);
    expect(added).toMatchObject({
      users: { schema_registry_password: 'registry' },
      'users-migration': { postgres_migration_password: 'owner', schema_registry_password: 'registry' },
    });
  });

  it('keeps an existing key and names it when the given file differs', () => {
    const given = new Map([['redis_password', 'new']]);
    const { added, different } = planSecrets('users', { users: { redis_password: 'old' } }, given);
    expect(added.users).not.toHaveProperty('redis_password');
    expect(different).toEqual(['redis_password']);
  });
});

describe('the next steps', () => {
  const target = { namespace: 'prod', name: 'users' };

  it('say how the servers get the passwords, without any', () => {
    const plan = planSecrets('users', {}, NOTHING);
    const text = nextSteps(plan, new Set(), target).join('\n');
    expect(text).toContain(
      "kubectl --namespace prod get secret users-migration --output jsonpath='{.data.postgres_migration_password}'",
    );
    expect(text).toContain("ALTER ROLE user_service_app_login PASSWORD :'password';");
    const contents = Object.values(plan.added).flatMap((texts) => Object.values(texts));
    for (const content of contents.filter((added) => added !== '{}')) expect(text).not.toContain(content);
  });

  it('are none for passwords that servers have already, and none when nothing was added', () => {
    const given = new Map(
      ['postgres_password', 'postgres_migration_password', 'redis_password'].map((key) => [key, 'x']),
    );
    given.set('auth_clients', '{}');
    const plan = planSecrets('users', {}, given);
    expect(nextSteps(plan, new Set(given.keys()), target)).toEqual([]);
    expect(nextSteps({ ...plan, added: {} }, new Set(), target)).toEqual([]);
  });
});
