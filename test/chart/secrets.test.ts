// The secrets have one source, and no environment is without one.

import { describe, expect, it } from 'vitest';

import { readManifests, render, renderErrorOf } from './support/chart.ts';
import { podsOf } from './support/manifest.ts';
import { VAULT } from './support/vault.ts';

const NONE = ['secrets.existingSecret=', 'secrets.existingMigrationSecret='];

describe('rendering fails', () => {
  it.each(['dev', 'staging', 'production'])('in %s without a source', async (environment) => {
    expect(await renderErrorOf({ environment, set: NONE })).toContain(
      'secrets.existingSecret or secrets.values is required unless secrets.vault.enabled is true',
    );
  });

  it.each([
    ['existingSecret and secrets.values', ['secrets.existingSecret=a', 'secrets.values.auth_clients=x']],
    [
      'existingMigrationSecret and secrets.migrationValues',
      ['secrets.existingMigrationSecret=a', 'secrets.migrationValues.postgres_migration_password=x'],
    ],
  ])('with both of %s', async (names, set) => {
    expect(await renderErrorOf({ set })).toContain(`secrets.${names} are both set`);
  });

  it.each([
    ['existingSecret', 'secrets.existingSecret=user-service'],
    ['existingMigrationSecret', 'secrets.existingMigrationSecret=user-service-migration'],
    ['values', 'secrets.values.auth_clients=x'],
    ['migrationValues', 'secrets.migrationValues.postgres_migration_password=x'],
  ])('with Vault and %s', async (name, value) => {
    const error = await renderErrorOf({ set: [...VAULT, value] });
    expect(error).toContain(`secrets.${name} must be empty when secrets.vault.enabled is true`);
  });

  it.each<[string, string[], string]>([
    [
      'an annotation of Vault in podAnnotations',
      [String.raw`podAnnotations.vault\.hashicorp\.com/role=x`],
      'belongs into secrets.vault.annotations',
    ],
    [
      'a sidecar of Datadog',
      ['datadog.mode=sidecar', 'datadog.apiKeySecret=datadog'],
      "datadog.mode: sidecar can't be",
    ],
    ['an embedded agent', ['datadog.mode=embedded', 'datadog.apiKeySecret=datadog'], "datadog.mode: embedded can't be"],
    ['New Relic', ['apm=newrelic', 'newRelic.licenseKeySecret=new-relic'], "apm: newrelic can't be combined"],
    [
      'a second password of Kafka',
      ['topics.create=true', 'topics.username=admin', 'kafka.username=users'],
      'topics.username must be empty',
    ],
    ['an annotation of somebody else', ['secrets.vault.annotations.role=x'], "'role' does not match pattern"],
    ['an address without a scheme', ['secrets.vault.address=vault.example.com'], "at '/secrets/vault/address'"],
    ['an interval without a unit', ['secrets.vault.renderInterval=10'], "at '/secrets/vault/renderInterval'"],
    ['an unknown kind of credentials', ['secrets.vault.credentials=both'], "at '/secrets/vault/credentials'"],
    ['an unknown value', ['secrets.vault.role=x'], "at '/secrets/vault'"],
    ['a mount that ends the template', [`secrets.vault.mounts.kv=x" }}`], "at '/secrets/vault/mounts/kv'"],
    [
      'a volume name of the injector',
      ['extraVolumes[0].name=vault-secrets', 'extraVolumes[0].emptyDir.medium=Memory'],
      'is used by the chart',
    ],
  ])('with Vault and %s', async (_what, set, message) => {
    expect(await renderErrorOf({ set: [...VAULT, ...set] })).toContain(message);
  });

  it('in production with Vault, but without its peers', async () => {
    expect(await renderErrorOf({ environment: 'production', set: VAULT })).toContain(
      'networkPolicy: dependencies.vault has no peers',
    );
    const values = { networkPolicy: { dependencies: { vault: [{ ipBlock: { cidr: '203.0.113.0/24' } }] } } };
    expect(await renderErrorOf({ environment: 'production', set: VAULT, values })).toBeUndefined();
  });
});

describe('postgres.credentialsFile', () => {
  it('mounts users with their passwords instead of passwords', async () => {
    const itemsOf = async (...set: string[]) =>
      podsOf(readManifests(await render({ set }))).flatMap(
        ({ spec }) => JSON.stringify(spec.volumes ?? []).match(/postgres_\w+(?=","path)/g) ?? [],
      );
    const password = 'postgres_password';
    expect(await itemsOf()).toEqual([password, password, password, 'postgres_migration_password']);
    const login = 'postgres_credentials';
    expect(await itemsOf('postgres.credentialsFile=true')).toEqual([
      ...[login, login, login],
      'postgres_migration_credentials',
    ]);
  });
});
