// Values that are wrong are refused before anything reaches a cluster, with the path or a sentence that says what to do.

import { describe, expect, it } from 'vitest';

import { ENVIRONMENTS, readManifests, refusalOf, render } from './support/chart.ts';
import { ofKind, processesOf } from './support/manifest.ts';

describe('the schema refuses', () => {
  it.each([
    ['a name that does not exist', 'postgers.host=x', "at '': additional properties 'postgers' not allowed"],
    ['one further down', 'api.replica=2', "at '/api': additional properties 'replica' not allowed"],
    ['a text for a number', 'api.replicas=many', "at '/api/replicas'"],
    ['no pods at all', 'worker.replicas=0', "at '/worker/replicas'"],
    [
      'a setting that does not exist',
      'config.HTTP_PROT=1',
      "at '/config': additional properties 'HTTP_PROT' not allowed",
    ],
    [
      'a secret among the settings',
      'config.POSTGRES_PASSWORD=x',
      "at '/config': additional properties 'POSTGRES_PASSWORD' not allowed",
    ],
    ['a broker without a port', 'kafka.brokers={kafka}', "at '/kafka/brokers/0'"],
    ['an unknown way to Datadog', 'datadog.mode=agent', "at '/datadog/mode'"],
    ['an agent without a version', 'datadog.image=datadog/agent', "at '/datadog/image'"],
    ['memory without a unit', 'api.resources.limits.memory=256', "at '/api/resources/limits"],
    ['a digest that is none', 'image.digest=sha256:1', "at '/image/digest'"],
  ])('%s', async (_what, set, path) => {
    expect(await refusalOf({ set: [set] })).toContain(path);
  });
});

describe('the chart refuses', () => {
  it.each([
    ['secrets of nowhere', 'secrets.existingSecret=', 'name a Secret with postgres_password'],
    [
      'a migration without its secret',
      'secrets.existingMigrationSecret=',
      'name a Secret with postgres_migration_password',
    ],
    ['the mode of laptops', 'environment=local', 'environment: local is for a laptop'],
    ['the mode of tests', 'environment=test', 'environment: test is for a laptop and for tests'],
    ['latest', 'image.tag=latest', 'Name a version.'],
    ['a latest canary', 'canary.tag=latest', 'Name a version.'],
    ['more connections than the server has', 'api.autoscaling.maxReplicas=40', 'Lower replicas or poolSize'],
    ['an ingress to nowhere', 'ingress.host=', 'name the public host'],
    ['an ingress that hides its callers', 'trustedProxies=null', 'Name its addresses.'],
    ['a sidecar without a key', 'datadog.mode=sidecar', 'name a Secret with the key api-key'],
    ['a shutdown shorter than its parts', 'shutdownSeconds=3', 'must be more than drainSeconds'],
  ])('in production, %s', async (_what, set, sentence) => {
    expect(await refusalOf({ environment: 'production', set: [set] })).toContain(sentence);
  });
});

describe('connections', () => {
  /** By hand, from what is rendered: every pod that there may be at once, one more of each role, the relay's own, the migration. */
  const mostConnections = async (environment: string): Promise<number> => {
    const manifests = readManifests(await render({ environment }));
    const scaled = new Map(
      ofKind(manifests, 'HorizontalPodAutoscaler').map(({ spec }) => [spec?.scaleTargetRef?.name, spec?.maxReplicas]),
    );
    const ofPods = processesOf(manifests).map(({ owner, spec }) => {
      const pool = Number(spec.containers[0]?.env?.find(({ name }) => name === 'POSTGRES_POOL_SIZE')?.value);
      const own = owner.metadata.name.endsWith('-relay') ? 2 : 0;
      return ((scaled.get(owner.metadata.name) ?? owner.spec?.replicas ?? NaN) + 1) * (pool + own);
    });
    return ofPods.reduce((sum, one) => sum + one, 1);
  };

  it.each(ENVIRONMENTS)('in %s may take 80 % of what the server has, and not one more', async (environment) => {
    const least = Math.ceil((await mostConnections(environment)) / 0.8);
    const refusal = (most: number) => refusalOf({ environment, set: [`postgres.maxConnections=${most}`] });

    expect(await refusal(least)).toBeUndefined();
    expect(await refusal(least - 1)).toContain('more than');
  });
});
