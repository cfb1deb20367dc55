// The chart demo-dependencies, rendered.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { variable } from '../../src/config/environment.ts';
import { readManifests } from './support/chart.ts';
import { kubeconform } from './support/kubeconform.ts';
import { containersOf, ofKind, podsOf } from './support/manifest.ts';

const ROOT = join(import.meta.dirname, '../..');
const CHART = join(ROOT, 'helm/demo-dependencies');
const EVERYTHING = ['prometheus.enabled=true', 'persistence.enabled=true', 'persistence.storageClass=demo'];

const render = async (...set: readonly string[]): Promise<string> => {
  const args = ['template', 'demo-dependencies', CHART, ...set.flatMap((pair) => ['--set', pair])];
  const { stdout } = await promisify(execFile)(variable(env, 'HELM') ?? 'helm', args);
  return stdout;
};

it.each([[[]], [EVERYTHING]])('is valid for the Kubernetes API with %j', async (set) => {
  expect(await kubeconform(await render(...set))).toBe('');
});

it('runs every pod as the Pod Security Standard `restricted` asks, with bounds', async () => {
  const pods = podsOf(readManifests(await render(...EVERYTHING)));
  expect(pods.map(({ owner }) => owner.kind).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'Deployment',
    'Deployment',
    'Deployment',
    'Job',
    'Job',
    'StatefulSet',
    'StatefulSet',
  ]);
  for (const pod of pods) {
    expect(pod.spec).toMatchObject({
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(pod.spec.securityContext?.runAsUser).toBeGreaterThan(0);
    expect((pod.spec.volumes ?? []).filter((volume) => 'hostPath' in volume)).toEqual([]);
    for (const container of containersOf(pod))
      expect(container).toMatchObject({
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        resources: {
          requests: { cpu: expect.anything() as unknown, memory: expect.anything() as unknown },
          limits: { memory: expect.anything() as unknown },
        },
      });
  }
});

it('gives a token only to the Job that fills the Secrets, which may get and patch those three', async () => {
  const manifests = readManifests(await render(...EVERYTHING));
  const withToken = podsOf(manifests).filter(({ spec }) => spec.automountServiceAccountToken !== false);
  expect(withToken.map(({ owner }) => owner.metadata.name)).toEqual(['demo-dependencies-secrets-1']);
  const roles = ofKind(manifests, 'Role') as unknown as { rules: object[] }[];
  const names = ['demo-dependencies', 'user-service', 'user-service-migration'];
  expect(roles.flatMap(({ rules }) => rules)).toEqual([
    { apiGroups: [''], resources: ['secrets'], resourceNames: names, verbs: ['get', 'patch'] },
  ]);
});

it('renders Secrets without content, and each revision with a Job of its own', async () => {
  const secrets = ofKind(readManifests(await render()), 'Secret');
  expect(secrets.map((secret) => Object.keys(secret).toSorted((a, b) => a.localeCompare(b)))).toEqual(
    Array.from({ length: 3 }, () => ['apiVersion', 'kind', 'metadata', 'type']),
  );
});

it('has the servers that values.yaml of user-service expects', async () => {
  const services = ofKind(readManifests(await render()), 'Service') as unknown as {
    metadata: { name: string };
    spec: { ports: { port: number }[] };
  }[];
  const { postgres, redis, kafka, schemaRegistry } = parse(
    readFileSync(join(ROOT, 'helm/user-service/values.yaml'), 'utf8'),
  ) as {
    postgres: { host: string; port: number };
    redis: { host: string; port: number };
    kafka: { brokers: string[] };
    schemaRegistry: { url: string };
  };
  const expected = [
    `${postgres.host}:${postgres.port}`,
    `${redis.host}:${redis.port}`,
    ...kafka.brokers,
    new URL(schemaRegistry.url).host,
  ];
  const found = services.map(({ metadata, spec }) => `${metadata.name}:${spec.ports[0]?.port}`);
  expect(new Set(found)).toEqual(new Set(expected));
});

it('gives Kafka the settings of docker-compose.yml, and the images of it', async () => {
  const { services } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), {
    merge: true,
    maxAliasCount: -1,
  }) as {
    services: Record<string, { image: string; environment: Record<string, unknown> }>;
  };
  const containers = podsOf(readManifests(await render(...EVERYTHING))).flatMap(containersOf);
  const kafka = containers.find(({ name }) => name === 'kafka');
  const settings = Object.fromEntries((kafka?.env ?? []).map(({ name, value }) => [name, value]));
  const { KAFKA_LOG_DIRS, ...composed } = services.kafka?.environment ?? {};
  expect(KAFKA_LOG_DIRS).toBeDefined();
  for (const [name, value] of Object.entries(composed)) expect([name, settings[name]]).toEqual([name, String(value)]); // eslint-disable-line security/detect-object-injection -- names of the file
  const images = ['postgres', 'redis', 'kafka', 'registry', 'prometheus'].map((name) => services[name]?.image); // eslint-disable-line security/detect-object-injection -- names above
  expect(containers.map(({ image }) => image)).toEqual(expect.arrayContaining(images));
});

it('keeps data in claims of the release, or in the pod', async () => {
  const claims = ofKind(readManifests(await render(...EVERYTHING)), 'PersistentVolumeClaim');
  expect(claims.map(({ metadata }) => metadata.name).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'kafka',
    'postgres',
  ]);
  expect(ofKind(readManifests(await render()), 'PersistentVolumeClaim')).toEqual([]);
});

describe('the schema rejects', () => {
  it.each([
    ['an unknown key', 'postgers.image=x', "additional properties 'postgers' not allowed"],
    ['an image without a tag', 'image=user-service', "at '/image'"],
    ['the tag latest', 'image=user-service:latest', "at '/image'"],
    ['memory without a unit', 'kafka.resources.limits.memory=512', "at '/kafka/resources/limits"],
    ['no memory limit', 'redis.resources.limits=null', "at '/redis/resources'"],
    ['a size that is none', 'persistence.size=big', "at '/persistence/size'"],
    ['a database with another character', 'postgres.database=a;b', "at '/postgres/database'"],
  ])('%s', async (_what, set, path) => {
    await expect(render(set)).rejects.toMatchObject({ stderr: expect.stringContaining(path) as string });
  });
});

it('Prometheus reads the rules that are given, and labels its targets as those rules expect', async () => {
  const rules = 'prometheus.rules=groups: []';
  const manifests = ofKind(readManifests(await render('prometheus.enabled=true', rules)), 'ConfigMap');
  const found = manifests.find(({ metadata }) => metadata.name === 'demo-dependencies-prometheus');
  const { data } = found as unknown as { data: Record<string, string> };
  const { rule_files: files, scrape_configs: jobs } = parse(data['prometheus.yml'] ?? '') as {
    rule_files: string[];
    scrape_configs: { relabel_configs: object[] }[];
  };
  expect(data['rules.yaml']?.trim()).toBe('groups: []');
  expect(files).toEqual(['/etc/prometheus/rules.yaml']);
  expect(jobs[0]?.relabel_configs).toContainEqual(
    expect.objectContaining({ target_label: 'pod', replacement: 'users-api-$1' }),
  );
});
