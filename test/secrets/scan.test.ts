// `npm run secrets:scan` in a repository of its own. The secrets are made here, so that no file of this repository looks like a leak.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env, execPath } from 'node:process';

import { beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';

import { variable } from '../../src/config/environment.ts';
import { newValues } from '../../scripts/secrets/sops/values.ts';

const ROOT = join(import.meta.dirname, '../..');

const AUTHOR = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];

let folder: string;

const git = (...args: string[]): void => {
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- a test
  const { status, stderr } = spawnSync('git', [...AUTHOR, ...args], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
};

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

const commit = (message: string): void => {
  git('add', '--all');
  git('commit', '--quiet', '--message', message);
};

const scan = (cwd = folder, args: readonly string[] = []): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync(execPath, [join(ROOT, 'scripts/secret-scan.ts'), ...args], {
    ...{ cwd, encoding: 'utf8', env },
  });
  return { status, output: `${stdout}${stderr}` };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scanned-'));
  git('init', '--quiet', '--initial-branch', 'main');
  for (const path of ['.gitleaks.toml', '.gitignore', '.sops.yaml', 'secrets'])
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  commit('first');
  return () => {
    rmSync(folder, { recursive: true });
  };
});

const jwk = (): object => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

const ageKey = (...args: string[]): string => {
  const { stdout } = spawnSync(variable(env, 'AGE_KEYGEN') ?? 'age-keygen', args, { encoding: 'utf8' });
  return /AGE-SECRET-KEY-\S+/.exec(stdout)?.[0] ?? '';
};

const password = (): string => randomBytes(24).toString('base64url');
const asServiceGets = (): string => JSON.stringify({ keys: [{ ...jwk(), alg: 'ES256', use: 'sig', kid: 'a' }] });

/** The rule that finds it, where it is, and the text. */
const PLANTED: [string, string, () => string][] = [
  ['private-jwk', 'keys.json', () => JSON.stringify(jwk(), null, 2)],
  ['private-jwk', 'src/keys.ts', () => `export const keys = '${asServiceGets()}';\n`],
  ['private-jwk', 'values.yaml', () => `keys: ${JSON.stringify(asServiceGets())}\n`],
  ['age-secret-key', 'docs/notes.md', ageKey],
  ['age-post-quantum-key', 'docs/notes.md', () => ageKey('-pq')],
  ['url-with-password', '.env.example', () => `DATABASE_URL=postgres://user_service:${password()}@db/user_service\n`],
  ['url-with-password', 'test/a.test.ts', () => `const url = 'postgresql://canary:${password()}@db';\n`],
  ['url-with-password', 'compose.yml', () => `REDIS_URL: rediss://:${password()}@redis:6379\n`],
  ['plain-values-of-the-chart', 'secrets/dev.yaml', () => stringify({ secrets: newValues() })],
  ['plain-values-of-the-chart', 'secrets/dev.enc.yaml', () => stringify({ secrets: newValues() })],
  ['plain-values-of-the-chart', 'values.yaml', () => `secrets:\n  values:\n    redis_password: "${password()}"\n`],
  [
    'plain-values-of-the-chart',
    'values.yaml',
    () => `secrets:\n  values:\n    auth_clients: >-\n      {"a":"${password()}"}\n`,
  ],
  [
    'plain-values-of-the-chart',
    'values.yaml',
    () => `secrets:\n  values:\n    redis_password_unencrypted: ${password()}\n`,
  ],
  [
    'private-key',
    'tls.pem',
    () =>
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  ],
];

it.each(PLANTED)('%s is found in %s, before it is committed', (rule, path, make) => {
  const text = make();
  expect(text.length).toBeGreaterThan(20);
  write(path, text);
  const { status, output } = scan();
  expect(output.split('\n').map((line) => line.replace(/:\d+$/, ''))).toContain(`${rule}: ${path}`);
  expect(output).not.toContain(text.trim().slice(-20));
  expect(status).toBe(1);
});

it('a secret that was committed and deleted is found', () => {
  write('notes.md', ageKey());
  commit('add');
  rmSync(join(folder, 'notes.md'));
  commit('remove');
  expect(scan()).toEqual({
    status: 1,
    output: expect.stringMatching(/^age-secret-key: notes.md:1 in commit [\da-f]{12}$/m) as string,
  });
});

it('a secret of another branch is found', () => {
  git('switch', '--quiet', '--create', 'other');
  write('notes.md', ageKey());
  commit('add');
  git('switch', '--quiet', 'main');
  expect(scan().output).toContain('age-secret-key: notes.md:1 in commit');
});

it('a secret that only a merge has added is found', () => {
  git('switch', '--quiet', '--create', 'other');
  write('other.md', 'other');
  commit('other');
  git('switch', '--quiet', 'main');
  write('main.md', 'main');
  commit('main');
  git('merge', '--quiet', '--no-commit', '--no-ff', 'other');
  write('notes.md', ageKey());
  commit('merge');
  rmSync(join(folder, 'notes.md'));
  commit('remove');
  expect(scan().output).toContain('age-secret-key: notes.md:1 in commit');
});

it('a comment can not allow a secret', () => {
  write('notes.md', `${ageKey()} # gitleaks:allow\n`);
  expect(scan().status).toBe(1);
});

it('encrypted files and what Git ignores are no secrets', () => {
  write('.local/sops/age-key.txt', ageKey());
  expect(scan()).toEqual({ status: 0, output: '7 files and 1 commits searched, 0 secrets found\n' });
});

it('a part of the history is refused', () => {
  const clone = join(folder, '.local/clone');
  write('second', '');
  commit('second');
  git('clone', '--quiet', '--depth', '1', `file://${folder}`, clone);
  expect(scan(clone)).toEqual({ status: 1, output: expect.stringContaining('git fetch --unshallow') as string });
});

it('a broken configuration is no clean scan', () => {
  write('.gitleaks.toml', '[[rules]\n');
  expect(scan()).toEqual({ status: 1, output: expect.stringContaining('gitleaks ended with exit code 1') as string });
});

it('an argument is wrong usage', () => {
  expect(scan(folder, ['src']).status).toBe(64);
});

it('this repository has none, in no file and no commit', () => {
  const { status, output } = scan(ROOT);
  expect(output).toMatch(/^\d{4,} files and \d{3,} commits searched, 0 secrets found\n$/);
  expect(status).toBe(0);
});
