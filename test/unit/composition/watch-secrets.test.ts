import { chmodSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { watchSecrets } from '../../../src/composition/operations/watch-secrets.ts';
import { makeSecretFile } from '../../../src/config/secret-file.ts';
import { CodedError } from '../../../src/errors/coded-error.ts';
import { makeMetrics } from '../../../src/observability/metrics/metrics.ts';

const arrange = () => {
  const path = join(mkdtempSync(join(tmpdir(), 'secret-')), 'auth_clients');
  writeFileSync(path, 'good', { mode: 0o600 });
  const clock = { ms: 0 };
  const parse = (text: string): string => {
    if (text.startsWith('good')) return text;
    throw new CodedError('SECRET_INVALID', 'is not JSON');
  };
  const clients = Object.assign(makeSecretFile(path, { parse, now: () => clock.ms }), {
    setting: 'AUTH_CLIENTS',
    isSecret: true,
  });
  const lines: unknown[] = [];
  const audited: unknown[] = [];
  const write = (fields: object, message: string): void => {
    lines.push({ ...fields, message });
  };
  const metrics = makeMetrics({ service: 's', env: 'test', version: '0', commit: '0' });
  const { check } = watchSecrets({
    config: { auth: { issuer: 'x', clients, other: () => 'no file' } },
    logger: { info: write, warn: write, error: write },
    metrics,
    audit: { record: (name, { outcome, target } = {}) => audited.push([name, outcome, target?.id]) },
  });
  const checkWith = async (text: string) => {
    writeFileSync(path, text);
    clock.ms += 1000;
    const result = await check().then(
      () => 'up',
      (error: unknown) => String(error),
    );
    const { values } = await metrics.configSecretValid.get();
    return [result, values.map(({ labels, value }) => [labels.setting, value])];
  };
  return { lines, audited, checkWith };
};

describe('watchSecrets', () => {
  it('reports bad content once, other bad content once more, and the recovery once', async () => {
    const { lines, audited, checkWith } = arrange();
    const down = ['Error: the content of a secret file is not valid', [['AUTH_CLIENTS', 0]]];
    expect(await checkWith('good')).toEqual(['up', [['AUTH_CLIENTS', 1]]]);
    for (const text of ['hunter2', 'hunter2', 'hunter3']) expect(await checkWith(text)).toEqual(down);
    for (const text of ['good again', 'good again'])
      expect(await checkWith(text)).toEqual(['up', [['AUTH_CLIENTS', 1]]]);
    const bad = {
      setting: 'AUTH_CLIENTS',
      reason: 'is not JSON',
      message: 'secret file is not valid, the last valid content stays in use',
    };
    expect(lines).toEqual([bad, bad, { setting: 'AUTH_CLIENTS', message: 'secret file is valid again' }]);
    expect(audited.map((event) => (event as string[])[1])).toEqual(['refused', 'refused', 'success']);
    expect(audited[0]).toEqual(['sys_secret_changed', 'refused', 'AUTH_CLIENTS']);
  });

  it('warns of files that every account may read once, and shows when a secret expires', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'secret-')), 'postgres_credentials');
    writeFileSync(path, '{"expiresAt":1893456000}');
    chmodSync(path, 0o444);
    const file = makeSecretFile(path, { parse: (text) => JSON.parse(text) as object });
    const read = Object.assign(file, { setting: 'POSTGRES_CREDENTIALS', isSecret: true });
    const authorities = Object.assign(makeSecretFile(path, { parse: String }), { setting: 'CA', isSecret: false });
    const warnings: unknown[] = [];
    const metrics = makeMetrics({ service: 's', env: 'test', version: '0', commit: '0' });
    const { check } = watchSecrets({
      config: { postgres: { read, authorities } },
      logger: { info: () => undefined, error: () => undefined, warn: (...line) => warnings.push(line) },
      metrics,
      audit: { record: () => undefined },
    });
    const expiries = async () => (await metrics.configSecretExpiry.get()).values;
    for (let time = 0; time < 2; time += 1) await check();
    expect(warnings).toEqual([[{ setting: 'POSTGRES_CREDENTIALS' }, 'secret files are readable by every account']]);
    expect(await expiries()).toEqual([{ labels: { setting: 'POSTGRES_CREDENTIALS' }, value: 1_893_456_000 }]);
    writeFileSync(`${path}.new`, '{}');
    renameSync(`${path}.new`, path);
    await check();
    expect(await expiries()).toEqual([]);
  });

  it('is degraded when a secret expires and nobody has renewed it', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'secret-')), 'postgres_credentials');
    writeFileSync(path, '{"expiresAt":100}', { mode: 0o600 });
    const file = makeSecretFile(path, { parse: (text) => JSON.parse(text) as object });
    const read = Object.assign(file, { setting: 'POSTGRES_CREDENTIALS', isSecret: true });
    const clock = { seconds: 0 };
    const lines: string[] = [];
    const write = (_fields: object, message: string): void => {
      lines.push(message);
    };
    const { check } = watchSecrets({
      config: { postgres: { read } },
      logger: { info: write, error: write, warn: write },
      metrics: makeMetrics({ service: 's', env: 'test', version: '0', commit: '0' }),
      audit: { record: () => undefined },
      now: () => clock.seconds,
    });
    clock.seconds = 94;
    await expect(check()).resolves.toBeUndefined();
    for (clock.seconds of [95, 101]) await expect(check()).rejects.toThrow('a secret expires and was not renewed');
    writeFileSync(path, '{"expiresAt":1000}');
    for (clock.seconds of [102, 103]) await expect(check()).resolves.toBeUndefined();
    expect(lines).toEqual(['secret expires and was not renewed', 'secret was renewed']);
  });
});
