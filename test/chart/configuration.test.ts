// Loads the configuration of each rendered process as the service does at its start, with a file for each mounted secret.

import { describe, expect, it } from 'vitest';

import { SECTIONS } from '../../src/config/schema.ts';
import { settingsOf } from '../../src/config/setting.ts';
import { ENVIRONMENTS, readManifests, render } from './support/chart.ts';
import { ofKind, podsOf } from './support/manifest.ts';
import { errorsOf, processesIn, readBy, SECTIONS_OF } from './support/processes.ts';
import { VAULT } from './support/vault.ts';

describe.each(ENVIRONMENTS)('in %s each process', (environment) => {
  it('accepts its settings and finds its secrets', async () => {
    const processes = processesIn(readManifests(await render({ environment })));
    expect(processes.map(({ role }) => role)).toEqual(expect.arrayContaining([...SECTIONS_OF.keys()]));
    expect(processes.flatMap(errorsOf)).toEqual([]);
  });

  it('mounts no secret that it does not read', async () => {
    for (const { sections, secrets } of processesIn(readManifests(await render({ environment }))))
      expect(readBy(sections)).toEqual(expect.arrayContaining(secrets));
  });
});

describe.each([
  ['with Vault', [...VAULT, 'management.operatorToken=true']],
  ['with a file of credentials', ['postgres.credentialsFile=true']],
])('%s each process', (_name, set) => {
  it('accepts its settings, and reads every secret that it gets', async () => {
    const processes = processesIn(readManifests(await render({ set })));
    expect(processes.flatMap(errorsOf)).toEqual([]);
    for (const { sections, secrets } of processes) {
      expect(readBy(sections)).toEqual(expect.arrayContaining(secrets));
      expect(secrets.join()).toMatch(/postgres_(migration_)?credentials/);
      expect(secrets.join()).not.toContain('postgres_password');
    }
  });
});

describe('without an agent each process', () => {
  const set = ['datadog.mode=embedded', 'datadog.apiKeySecret=datadog'];

  it('accepts its settings, and finds the API key', async () => {
    const processes = processesIn(readManifests(await render({ set })));
    expect(processes.flatMap(errorsOf)).toEqual([]);
    for (const { role, sections, secrets } of processes) {
      expect(secrets.includes('dd_api_key')).toBe(role !== 'migrate');
      expect(readBy(sections)).toEqual(expect.arrayContaining(secrets));
    }
  });

  it('needs the key', async () => {
    const [process] = processesIn(readManifests(await render({ set })));
    const secrets = process?.secrets.filter((file) => file !== 'dd_api_key') ?? [];
    expect(process && errorsOf({ ...process, secrets }).join()).toContain('DD_API_KEY');
  });
});

describe('numbers in a values file', () => {
  type Bounds = { readonly type?: string; readonly minimum?: number; readonly maximum?: number };
  const managed =
    /^(HTTP_PORT|HTTP_MANAGEMENT_PORT|POSTGRES_PORT|POSTGRES_POOL_SIZE|REDIS_PORT|OUTBOX_SHARDS|KAFKA_TOPICS_.*|LIFECYCLE_.*)$/;
  const integers = Object.values(SECTIONS)
    .flatMap((section) => settingsOf(section).map(([, setting]) => setting as typeof setting & Bounds))
    .filter(({ type, env }) => type === 'integer' && !managed.test(env));

  it.each(['minimum', 'maximum'] as const)('reach the processes as they are: each integer at its %s', async (bound) => {
    // eslint-disable-next-line security/detect-object-injection -- a name of the table
    const config = Object.fromEntries(integers.map((setting) => [setting.env, setting[bound]]));
    const data = ofKind(readManifests(await render({ values: { config } })), 'ConfigMap')[0]?.data ?? {};

    expect(Object.values(config).some((value) => Number(value) >= 1_000_000)).toBe(bound === 'maximum');
    expect(data).toMatchObject(
      Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)])),
    );
  });

  it('and other values keep their form', async () => {
    const config = { DD_TRACE_SAMPLE_RATE: 0.5, LOG_LEVEL: 'info', HTTP_BODY_LIMIT_BYTES: '1048576' };
    const data = ofKind(readManifests(await render({ values: { config } })), 'ConfigMap')[0]?.data ?? {};
    expect(data).toMatchObject({ ...config, DD_TRACE_SAMPLE_RATE: '0.5' });
  });
});

describe('a private certificate authority', () => {
  it.each([
    ['Secret', { existingSecret: 'authority' }, { secretName: 'authority', defaultMode: 0o440 }],
    ['ConfigMap', { existingConfigMap: 'authority' }, { name: 'authority' }],
  ])('from a %s is trusted by every process and the migration', async (kind, certificateAuthority, source) => {
    const values = {
      certificateAuthority: { ...certificateAuthority, key: 'root.pem' },
      extraEnv: [{ name: 'TZ', value: 'UTC' }],
      extraVolumes: [{ name: 'cache', emptyDir: {} }],
      extraVolumeMounts: [{ name: 'cache', mountPath: '/cache' }],
    };
    const pods = podsOf(readManifests(await render({ values }))).filter(({ owner }) => owner.kind !== 'Pod');
    expect(pods).toHaveLength(4);
    for (const { spec } of pods) {
      expect(spec.volumes).toContainEqual({
        name: 'certificate-authority',
        [kind === 'Secret' ? 'secret' : 'configMap']: { ...source, items: [{ key: 'root.pem', path: 'ca.crt' }] },
      });
      for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
        expect(container.env).toContainEqual({ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/user-service/ca/ca.crt' });
        expect(container.env).toContainEqual({ name: 'TZ', value: 'UTC' });
        expect(container).toMatchObject({
          volumeMounts: expect.arrayContaining([
            { name: 'certificate-authority', mountPath: '/etc/user-service/ca', readOnly: true },
            { name: 'cache', mountPath: '/cache' },
          ]) as unknown,
        });
      }
    }
  });
});

describe('a violation', () => {
  it.each<[string, string[], string]>([
    ['of a rule across settings', ['config.HTTP_REQUEST_TIMEOUT_MS=500'], 'POSTGRES_STATEMENT_TIMEOUT_MS'],
  ])('%s is found', async (_violation, set, name) => {
    const errors = processesIn(readManifests(await render({ set }))).flatMap(errorsOf);
    expect(errors.join('\n')).toContain(name);
  });

  it('is a secret that is not mounted', async () => {
    const [process] = processesIn(readManifests(await render()));
    expect(process && errorsOf({ ...process, secrets: [] })).not.toEqual([]);
  });
});
