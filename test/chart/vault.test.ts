// What secrets.vault makes of the chart: annotations for the agent injector, a token for its agent, and an account per role.

import { describe, expect, it } from 'vitest';

import { readManifests, render } from './support/chart.ts';
import { kubeconform } from './support/kubeconform.ts';
import { ofKind, type Manifest } from './support/manifest.ts';
import { annotationsOf, componentOf, podsOfRoles, ROLES, valuesOf, VAULT, withVault } from './support/vault.ts';

const SECRETS_DIR = '/etc/user-service/secrets';

const filesOf = (manifests: readonly Manifest[]): Record<string, string[]> =>
  Object.fromEntries(
    podsOfRoles(manifests).map((pod) => [componentOf(pod), Object.keys(valuesOf(pod, 'agent-inject-template'))]),
  );

describe('without secrets.vault', () => {
  it('nothing of it is rendered, and the pods share one account', async () => {
    const text = await render();
    expect(text).not.toMatch(/vault/i);
    expect(ofKind(readManifests(text), 'ServiceAccount').map(({ metadata }) => metadata.name)).toEqual(['users']);
  });
});

describe('with secrets.vault', () => {
  it('each role logs in as itself, with a token of its own account that the Kubernetes API does not accept', async () => {
    const manifests = await withVault('canary.tag=0.2.0');
    const accounts = ofKind(manifests, 'ServiceAccount').map(({ metadata }) => metadata.name);
    expect(accounts.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'users-api',
      'users-migrate',
      'users-relay',
      'users-worker',
    ]);
    expect(podsOfRoles(manifests)).toHaveLength(5);
    for (const pod of podsOfRoles(manifests)) {
      const role = componentOf(pod);
      expect(pod.spec).toMatchObject({ serviceAccountName: `users-${role}`, automountServiceAccountToken: false });
      expect(annotationsOf(pod)).toMatchObject({
        role: `user-service-${role}`,
        'auth-path': 'auth/kubernetes',
        'agent-service-account-token-volume-name': 'vault-token',
      });
      const token = { serviceAccountToken: { path: 'token', audience: 'vault', expirationSeconds: 3600 } };
      expect(pod.spec.volumes).toContainEqual({
        name: 'vault-token',
        projected: { defaultMode: 440, sources: [token] }, // 0440 in YAML 1.1, as Kubernetes reads it
      });
      expect(JSON.stringify(pod.spec.containers)).not.toContain('vault-token');
    }
  });

  it('the injector writes where the processes read, as their user, and mounts nothing in its way', async () => {
    for (const pod of podsOfRoles(await withVault())) {
      expect(annotationsOf(pod)).toMatchObject({
        'agent-inject': 'true',
        'secret-volume-path': SECRETS_DIR,
        'agent-run-as-user': String(pod.spec.securityContext?.runAsUser),
        'agent-run-as-group': '10001',
      });
      expect(JSON.stringify(pod.spec)).not.toContain(SECRETS_DIR);
      expect(pod.spec.volumes?.map(({ name }) => name)).not.toContain('secrets');
      for (const file of Object.keys(valuesOf(pod, 'agent-inject-template')))
        expect(annotationsOf(pod)).toMatchObject({
          [`agent-inject-perms-${file}`]: '0440',
          [`error-on-missing-key-${file}`]: 'true',
        });
    }
  });

  it('the agent of a migration comes first and ends; that of a process stays when Vault is away, and ends with its pod', async () => {
    for (const pod of podsOfRoles(await withVault())) {
      const isMigration = componentOf(pod) === 'migrate';
      const { 'agent-init-first': first, 'agent-pre-populate-only': only } = annotationsOf(pod);
      expect([first, only]).toEqual(isMigration ? ['true', 'true'] : [undefined, undefined]);
      expect(annotationsOf(pod)['agent-json-patch'] ?? '').toContain(isMigration ? '' : 'exec vault agent');
      expect(annotationsOf(pod)).toMatchObject({ 'template-config-exit-on-retry-failure': 'false' });
    }
  });

  it('each role gets the files that it reads', async () => {
    const some = { api: ['auth_clients', 'auth_signing_keys', 'postgres_credentials', 'redis_password'] };
    expect(filesOf(await withVault())).toEqual({
      ...some,
      relay: ['postgres_credentials'],
      worker: ['postgres_credentials'],
      migrate: ['postgres_migration_credentials'],
    });
    const all = await withVault(
      ...['kafka.username=user-service', 'schemaRegistry.username=user-service', 'topics.create=true'],
      ...['management.operatorToken=true', 'redis.password=false'],
    );
    const events = ['http_management_token', 'kafka_password', 'postgres_credentials', 'schema_registry_password'];
    expect(filesOf(all)).toEqual({
      api: ['auth_clients', 'auth_signing_keys', 'http_management_token', 'postgres_credentials'],
      relay: events,
      worker: events,
      migrate: ['kafka_password', 'postgres_migration_credentials', 'schema_registry_password'],
    });
  });

  it('each egress to Vault is on the port of its address', async () => {
    const portOf = async (...set: string[]) => {
      const policies = ofKind(await withVault(...set), 'NetworkPolicy');
      const { spec } = policies.find(({ metadata }) => metadata.name === 'users-to-vault') ?? {};
      expect(spec?.podSelector?.matchExpressions).toMatchObject([{ values: ROLES }]);
      return (spec?.egress as { ports: { port: number }[] }[])[0]?.ports;
    };
    expect(await portOf()).toEqual([{ port: 8200 }]);
    expect(await portOf('secrets.vault.address=https://vault.example.com')).toEqual([{ port: 443 }]);
    expect(await portOf('secrets.vault.address=http://10.0.0.1:8201')).toEqual([{ port: 8201 }]);
  });

  it('every value reaches an annotation, and annotations of the values win', async () => {
    const [pod] = podsOfRoles(
      await withVault(
        ...['address=https://vault.example.com', 'namespace=platform', 'authPath=auth/cluster-1', 'roles.api=users']
          .concat(['renderInterval=30s', 'image=hashicorp/vault:1.21.4', 'resources.requests.cpu=1', 'audience=other'])
          .concat(['certificateAuthority.existingSecret=vault-ca', 'resources.limits.cpu=2'])
          .map((value) => `secrets.vault.${value}`),
        String.raw`secrets.vault.annotations.vault\.hashicorp\.com/auth-max-backoff=1m`,
      ),
    );
    expect(pod && annotationsOf(pod)).toMatchObject({
      service: 'https://vault.example.com',
      namespace: 'platform',
      'auth-path': 'auth/cluster-1',
      role: 'users',
      'template-static-secret-render-interval': '30s',
      'agent-image': 'hashicorp/vault:1.21.4',
      'agent-requests-cpu': '1',
      'agent-limits-cpu': '2',
      'tls-secret': 'vault-ca',
      'ca-cert': '/vault/tls/ca.crt',
      'auth-max-backoff': '1m',
    });
    expect(JSON.stringify(pod?.spec.volumes)).toContain('"audience":"other"');
  });

  it('Kubernetes accepts it, with the values of every environment', async () => {
    for (const environment of ['dev', 'staging', 'production']) {
      const set = [...VAULT, 'networkPolicy.allowAnyPeer=true'];
      expect(await kubeconform(await render({ environment, set }))).toBe('');
    }
  });
});
