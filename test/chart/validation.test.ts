// Invalid values fail at rendering, before anything reaches a cluster. The error names the path of the value or says what to change.

import { describe, expect, it } from 'vitest';

import { ENVIRONMENTS, readManifests, render, renderErrorOf } from './support/chart.ts';
import { ofKind, processesOf } from './support/manifest.ts';

describe('the schema rejects', () => {
  it.each([
    ['an unknown key', 'postgers.host=x', "at '': additional properties 'postgers' not allowed"],
    ['an unknown nested key', 'api.replica=2', "at '/api': additional properties 'replica' not allowed"],
    ['a string instead of a number', 'api.replicas=many', "at '/api/replicas'"],
    ['zero replicas', 'worker.replicas=0', "at '/worker/replicas'"],
    ['an unknown setting', 'config.HTTP_PROT=1', "at '/config': additional properties 'HTTP_PROT' not allowed"],
    [
      'a secret in the settings',
      'config.POSTGRES_PASSWORD=x',
      "at '/config': additional properties 'POSTGRES_PASSWORD' not allowed",
    ],
    ['a broker without a port', 'kafka.brokers={kafka}', "at '/kafka/brokers/0'"],
    ['an unknown Datadog mode', 'datadog.mode=agent', "at '/datadog/mode'"],
    ['an agent image without a tag', 'datadog.image=datadog/agent', "at '/datadog/image'"],
    ['memory without a unit', 'api.resources.limits.memory=256', "at '/api/resources/limits"],
    ['an invalid digest', 'image.digest=sha256:1', "at '/image/digest'"],
  ])('%s', async (_what, set, path) => {
    expect(await renderErrorOf({ set: [set] })).toContain(path);
  });

  it.each([
    ['/publicUrl', 'publicUrl=https://canary:hunter2@users.example.com'],
    ['/schemaRegistry/url', 'schemaRegistry.url=https://canary:hunter2@registry'],
    ['/config/AUTH_ISSUER', 'config.AUTH_ISSUER=https://canary:hunter2@users.example.com'],
    ['/config/POSTGRES_DATABASE', 'config.POSTGRES_DATABASE=postgres://canary:hunter2@db/users'],
    ['/config/REDIS_HOST', 'config.REDIS_HOST=redis://:hunter2@redis'],
  ])('user information in %s, and does not show it', async (path, set) => {
    const error = await renderErrorOf({ set: [set] });
    expect(error).toContain(`at '${path}'`);
    expect(error?.replace(/^Command failed.*$/m, '')).not.toMatch(/canary|hunter2/);
  });

  it('a text with user information, but no empty setting', async () => {
    const set = (value: string): string[] => [`config.REDIS_KEY_PREFIX=${value}`];
    expect(await renderErrorOf({ set: set('redis://canary:hunter2@redis') })).toContain(
      "at '/config/REDIS_KEY_PREFIX'",
    );
    expect(await render({ set: set('') })).toContain('kind: Deployment');
  });
});

describe('the chart rejects', () => {
  it.each([
    ['missing secrets', 'secrets.existingSecret=', 'secrets.existingSecret or secrets.values is required'],
    [
      'a migration without its secret',
      'secrets.existingMigrationSecret=',
      'secrets.existingMigrationSecret or secrets.migrationValues is required',
    ],
    ['the environment local', 'environment=local', 'environment: local is reserved for development'],
    ['the environment test', 'environment=test', 'environment: test is reserved for development'],
    [
      'faults in production',
      'config.FAULT_INJECTION=redis:error@5%',
      'FAULT_INJECTION is for the environments dev and staging',
    ],
    ['the tag latest', 'image.tag=latest', 'latest is mutable'],
    ['the tag latest of a canary', 'canary.tag=latest', 'latest is mutable'],
    ['more connections than the server allows', 'api.autoscaling.maxReplicas=40', 'Reduce replicas or poolSize'],
    ['a sidecar without an API key', 'datadog.mode=sidecar', 'datadog.apiKeySecret is required'],
    ['a shutdown that is shorter than its drain', 'shutdownSeconds=3', 'must be greater than drainSeconds'],
  ])('in production, %s', async (_what, set, message) => {
    expect(await renderErrorOf({ environment: 'production', set: [set] })).toContain(message);
  });
});

describe('the network policies', () => {
  it.each([
    ['callers', 'networkPolicy: callers has no peers'],
    ['monitoring', 'networkPolicy: monitoring has no peers'],
    ['dependencies.postgres', 'networkPolicy: dependencies.postgres has no peers'],
    ['dependencies.datadog', 'networkPolicy: dependencies.datadog has no peers'],
  ])('are rejected without peers of %s, unless any peer is allowed', async (list, message) => {
    const networkPolicy = list.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), []) as object;
    const values = { networkPolicy };

    expect(await renderErrorOf({ environment: 'production', values })).toContain(message);
    expect(
      await renderErrorOf({ environment: 'production', values, set: ['networkPolicy.allowAnyPeer=true'] }),
    ).toBeUndefined();
  });

  it('need no peers for Datadog while it is off', async () => {
    const values = { networkPolicy: { dependencies: { datadog: [] } }, datadog: { mode: 'off' } };
    expect(await renderErrorOf({ environment: 'production', values })).toBeUndefined();
  });

  it('need trusted proxies with an ingress', async () => {
    const values = { trustedProxies: [] };
    expect(await renderErrorOf({ environment: 'production', values })).toContain('trustedProxies is required');
  });
});

describe('additions to the pods', () => {
  const volume = { name: 'cache', emptyDir: {} };

  it.each<[string, object, string]>([
    [
      'two sources of the certificate authority',
      { certificateAuthority: { existingSecret: 'a', existingConfigMap: 'b' } },
      'not both',
    ],
    ['a secret in plain text', { extraEnv: [{ name: 'PROXY_PASSWORD', value: 'x' }] }, 'looks like a secret'],
    [
      'a variable that is also in config',
      { config: { LOG_LEVEL: 'info' }, extraEnv: [{ name: 'LOG_LEVEL', value: 'x' }] },
      'also in config',
    ],
    ['a variable without a value', { extraEnv: [{ name: 'TZ' }] }, "at '/extraEnv/0'"],
    ['a host path', { extraVolumes: [{ name: 'host', hostPath: { path: '/' } }] }, 'is a hostPath'],
    ['a volume name of the chart', { extraVolumes: [{ name: 'secrets', emptyDir: {} }] }, 'is used by the chart'],
    ['a volume without a source', { extraVolumes: [{ name: 'cache' }] }, "at '/extraVolumes/0'"],
    [
      'a mount without a volume',
      { extraVolumeMounts: [{ name: 'cache', mountPath: '/cache' }] },
      'is not in extraVolumes',
    ],
    [
      'a mount over the secrets',
      { extraVolumes: [volume], extraVolumeMounts: [{ name: 'cache', mountPath: '/etc//user-service/' }] },
      'is used by the image or the chart',
    ],
  ])('with %s are rejected', async (_what, values, message) => {
    expect(await renderErrorOf({ values })).toContain(message);
  });
});

describe('connections', () => {
  /** Computed from the rendered manifests: all pods, one surge pod of each component, their connections beside the pool, the migration. */
  const maxConnections = async (environment: string): Promise<number> => {
    const manifests = readManifests(await render({ environment }));
    const scaled = new Map(
      ofKind(manifests, 'HorizontalPodAutoscaler').map(({ spec }) => [spec?.scaleTargetRef?.name, spec?.maxReplicas]),
    );
    const ofPods = processesOf(manifests).map(({ owner, spec }) => {
      const pool = Number(spec.containers[0]?.env?.find(({ name }) => name === 'POSTGRES_POOL_SIZE')?.value);
      const own = owner.metadata.name.endsWith('-relay') ? 3 : 2; // of the readiness check, notifications, a shard
      return ((scaled.get(owner.metadata.name) ?? owner.spec?.replicas ?? NaN) + 1) * (pool + own);
    });
    return ofPods.reduce((sum, one) => sum + one, 1);
  };

  it.each(ENVIRONMENTS)('in %s may use up to 80 % of max_connections, and no more', async (environment) => {
    const lowest = Math.ceil((await maxConnections(environment)) / 0.8);
    const errorWith = (limit: number) => renderErrorOf({ environment, set: [`postgres.maxConnections=${limit}`] });

    expect(await errorWith(lowest)).toBeUndefined();
    expect(await errorWith(lowest - 1)).toContain('more than');
  });
});
