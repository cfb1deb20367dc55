// `npm run deploy:secrets` on the cluster of KUBECONFIG, in a namespace of its own.

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { variable } from '../../src/config/environment.ts';

const PROGRAM = join(import.meta.dirname, '../../scripts/deploy-secrets.ts');
const namespace = `secrets-${randomUUID().slice(0, 8)}`;

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

const run = (program: string, args: readonly string[], own: Record<string, string> = {}): Promise<Outcome> =>
  promisify(execFile)(program, [...args], { env: { ...env, ...own } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as Outcome,
  );
const kubectl = (...args: string[]): Promise<Outcome> => run(variable(env, 'KUBECTL') ?? 'kubectl', args);
const deploy = (args: readonly string[] = [], own: Record<string, string> = {}): Promise<Outcome> =>
  run(process.execPath, [PROGRAM, '--namespace', namespace, ...args], own);

const dataOf = async (name: string): Promise<Record<string, string>> => {
  const { stdout } = await kubectl('get', 'secret', name, '--namespace', namespace, '--output', 'jsonpath={.data}');
  return JSON.parse(stdout || '{}') as Record<string, string>;
};

describe('deploy:secrets', { timeout: 60_000 }, () => {
  beforeAll(() => kubectl('create', 'namespace', namespace));
  afterAll(() => kubectl('delete', 'namespace', namespace, '--wait=false'));

  it('changes nothing with --dry-run', async () => {
    const { code, stdout } = await deploy(['--dry-run']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('Secret user-service: would add postgres_password')]);
    expect(await dataOf('user-service')).toEqual({});
  });

  it('creates both Secrets, prints no value, and keeps them the second time', async () => {
    const { code, stdout, stderr } = await deploy();
    const data = { ...(await dataOf('user-service')), ...(await dataOf('user-service-migration')) };
    expect([code, Object.keys(data).toSorted((a, b) => a.localeCompare(b))]).toEqual([
      0,
      ['auth_clients', 'auth_signing_keys', 'postgres_migration_password', 'postgres_password', 'redis_password'],
    ]);
    for (const [key, encoded] of Object.entries(data)) {
      const value = Buffer.from(encoded, 'base64').toString();
      if (key !== 'auth_clients') expect([stdout.includes(value), stderr.includes(value)]).toEqual([false, false]);
    }

    const second = await deploy();
    expect([second.code, second.stdout.includes('added')]).toEqual([0, false]);
    expect({ ...(await dataOf('user-service')), ...(await dataOf('user-service-migration')) }).toEqual(data);
  });

  it('adds a missing key and a given one, and keeps the others', async () => {
    const before = await dataOf('user-service');
    const patch = JSON.stringify({ data: { redis_password: null } });
    await kubectl('patch', 'secret', 'user-service', '--namespace', namespace, '--type', 'merge', '--patch', patch);
    const file = join(mkdtempSync(join(tmpdir(), 'deploy-secrets-')), 'kafka');
    writeFileSync(file, 'from a file\n');

    await deploy(['--from-file', `kafka_password=${file}`]);

    const { redis_password: redis, kafka_password: kafka = '', ...others } = await dataOf('user-service');
    expect(Buffer.from(kafka, 'base64').toString()).toBe('from a file');
    expect(redis).not.toBe(before.redis_password);
    expect({ ...others, redis_password: before.redis_password }).toEqual(before);
  });

  it.each([
    [
      'a namespace that does not exist',
      { args: ['--namespace', 'no-such-namespace'] },
      'does not exist: kubectl create',
    ],
    ['a missing kubectl', { own: { KUBECTL: '/no/kubectl' } }, '/no/kubectl is not installed'],
    ['a KUBECONFIG that does not exist', { own: { KUBECONFIG: '/no/config' } }, 'KUBECONFIG names a file'],
  ])(
    'says in one sentence what is wrong with %s',
    async (_what, { args = [], own = {} }: { args?: string[]; own?: Record<string, string> }, sentence) => {
      const { code, stderr } = await deploy(args, own);
      expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
      expect(stderr).toContain(sentence);
    },
  );

  it('names the rights that the credentials do not have', async () => {
    const { stdout: token } = await kubectl('create', 'token', 'default', '--namespace', namespace);
    const { stdout: config } = await kubectl('config', 'view', '--raw', '--minify', '--output', 'json');
    const { clusters } = JSON.parse(config) as { clusters: { name: string }[] };
    const path = join(mkdtempSync(join(tmpdir(), 'deploy-secrets-')), 'kubeconfig');
    const context = { cluster: clusters[0]?.name, user: 'weak' };
    const weak = { users: [{ name: 'weak', user: { token: token.trim() } }], contexts: [{ name: 'weak', context }] };
    writeFileSync(
      path,
      JSON.stringify({ ...{ apiVersion: 'v1', kind: 'Config', clusters }, ...weak, 'current-context': 'weak' }),
    );
    const { code, stderr } = await deploy([], { KUBECONFIG: path });
    expect([code, stderr]).toEqual([1, expect.stringContaining('may not get secrets, create secrets, update secrets')]);
  });
});
