// The encrypted values reach the chart only when they are right: `npm run secrets -- exec`, and the commands of sops that docs/sops.md shows.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';

import { variable } from '../../src/config/environment.ts';
import { parseKeySet } from '../../src/auth/tokens/key-set.ts';
import { CHART, readManifests } from '../chart/support/chart.ts';
import { makeRepository, type Key, type Ran, type Repository } from './support/repository.ts';

const DEV = 'secrets/dev.enc.yaml';

/** A whole line of the file. */
const REDIS_PASSWORD = /^ {8}redis_password: .*\n/m;
const HELM = variable(env, 'HELM') ?? 'helm';
const VALUES_OF_DEV = join(CHART, 'values-dev.yaml');

let repository: Repository;
let key: Key;

beforeAll(() => {
  repository = makeRepository();
  key = repository.makeKey();
  const made = repository.secrets(['init', 'dev', '--recipient', repository.makeKey().recipient], {
    SOPS_AGE_KEY_FILE: key.file,
  });
  expect(made.status).toBe(0);
  repository.keep();
});
beforeEach(() => {
  repository.reset();
});
afterAll(() => {
  repository.remove();
});

const execute = (program: readonly string[], by = key): Ran =>
  repository.secrets(['exec', 'dev', '--', ...program], { SOPS_AGE_KEY_FILE: by.file });

/** The values of the environments name Secrets that exist already. */
const NO_EXISTING = ['--set', 'secrets.existingSecret=,secrets.existingMigrationSecret='];
const template = ['template', 'users', CHART, '--values', VALUES_OF_DEV, ...NO_EXISTING];

const secretsIn = (output: string): Map<string, Record<string, string>> =>
  new Map(
    readManifests(output)
      .filter(({ kind }) => kind === 'Secret')
      .map((manifest) => [
        manifest.metadata.name,
        (manifest as unknown as { stringData: Record<string, string> }).stringData,
      ]),
  );

it('the chart makes its Secrets of the decrypted values', () => {
  const ran = execute([HELM, ...template, '--values', '-']);
  expect(ran.status, ran.output.slice(-500)).toBe(0);
  const secrets = secretsIn(ran.output);
  expect(secrets.size).toBe(2);
  const [own = {}, migration = {}] = [...secrets.values()].toSorted(
    (a, b) => Object.keys(b).length - Object.keys(a).length,
  );
  expect(parseKeySet(own.auth_signing_keys ?? '').publicJwks).toHaveLength(1);
  expect(own.postgres_password).toMatch(/^[\w-]{32}$/);
  expect(migration.postgres_migration_password).toMatch(/^[\w-]{32}$/);
});

it('so it does with the temporary file of sops', () => {
  const command = [HELM, ...template, '--values', '{}'].join(' ');
  const ran = repository.sops(['exec-file', '--no-fifo', '--filename', 'values.yaml', DEV, command], key);
  expect(ran.status, ran.output.slice(-500)).toBe(0);
  expect(secretsIn(ran.output).size).toBe(2);
});

it('a program gets the values on standard input, and its exit code is kept', () => {
  expect(execute(['sh', '-c', 'grep --count postgres_password -; exit 7'])).toEqual({ status: 7, output: '1\n' });
  expect(execute(['true']).status).toBe(0);
});

describe('the program does not start', () => {
  const started = (): boolean => existsSync(join(repository.root, 'started'));
  const refused = (what: string, by = key): void => {
    const ran = execute(['touch', 'started'], by);
    expect(ran.status).toBe(1);
    expect(ran.output).toContain(what);
    expect(started()).toBe(false);
  };

  it('with a key that is no recipient', () => {
    refused('none of the age keys here is one of its recipients', repository.makeKey());
  });

  it('with a broken MAC', () => {
    repository.write(DEV, repository.read(DEV).replace(REDIS_PASSWORD, ''));
    refused('its MAC does not match');
  });

  it('with a plain file', () => {
    repository.write(DEV, repository.sops(['decrypt', DEV], key).output);
    refused('it is not encrypted');
  });

  it('with a recipient that .sops.yaml does not name', () => {
    repository.sops(['rotate', '--in-place', '--add-age', repository.makeKey().recipient, DEV], key);
    refused('can decrypt it, and is not in .sops.yaml');
  });

  it('with a value that the service would refuse', () => {
    repository.sops(['set', DEV, '["secrets"]["values"]["auth_signing_keys"]', '"{}"'], key);
    refused('secrets.values.auth_signing_keys must be a JWK set');
  });
});

it('names a program that is missing', () => {
  const ran = execute(['/nonexistent/helm']);
  expect(ran).toEqual({ status: 1, output: '/nonexistent/helm can not be run (ENOENT)\n' });
});

it('a pipe whose sops fails starts helm with nothing, which only the chart refuses: the reason for `exec`', () => {
  const programs = { SOPS: variable(env, 'SOPS') ?? 'sops', HELM };
  repository.write(DEV, repository.read(DEV).replace(REDIS_PASSWORD, ''));
  const script = `"$SOPS" decrypt ${DEV} | "$HELM" ${template.join(' ')} --values -`;
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- a test
  const { status, stderr } = spawnSync('bash', ['-c', script], {
    ...{ cwd: repository.root, encoding: 'utf8' },
    env: { ...env, ...programs, SOPS_AGE_KEY_FILE: key.file },
  });
  expect(status).toBe(1);
  expect(stderr).toContain('secrets.existingSecret or secrets.values is required');
});
