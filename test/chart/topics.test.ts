// The container of the migration Job that creates the topics.

import { describe, expect, it } from 'vitest';

import { readManifests, render, renderErrorOf } from './support/chart.ts';
import { ofKind, type Container, type Manifest } from './support/manifest.ts';

const acls = [{ principal: 'User:relay', role: 'relay' }];

const rendered = async (values: object): Promise<{ manifests: Manifest[]; before: Container[]; files: string }> => {
  const manifests = readManifests(await render({ environment: 'production', values }));
  const spec = ofKind(manifests, 'Job')[0]?.spec?.template?.spec;
  return { manifests, before: spec?.initContainers ?? [], files: JSON.stringify(spec?.volumes) };
};

describe('topics.create', () => {
  it('adds a container after the tables and before the schemas', async () => {
    const { before } = await rendered({ topics: { create: true, acls } });
    expect(before.map(({ name }) => name)).toEqual(['tables', 'topics']);
    expect(before[1]).toMatchObject({ args: ['dist/bin/migrate.js', 'topics'] });
    const variables = new Map(before[1]?.env?.map(({ name, value }) => [name, value]));
    expect(variables.get('KAFKA_TOPICS_REPLICATION_FACTOR')).toBe('3');
    expect(variables.get('KAFKA_TOPICS_MIN_INSYNC_REPLICAS')).toBe('2');
    expect(JSON.parse(variables.get('KAFKA_TOPICS_ACLS') ?? '')).toEqual(acls);
    expect(variables.has('KAFKA_USERNAME')).toBe(false);
  });

  it('uses an account of its own where one is named', async () => {
    const { before, files } = await rendered({ topics: { create: true, username: 'admin' }, kafka: { username: '' } });
    expect(before[1]?.env).toContainEqual({ name: 'KAFKA_USERNAME', value: 'admin' });
    expect(files).toContain('kafka_password');
  });

  it('lets the Job reach Kafka', async () => {
    const toKafka = async (create: boolean): Promise<string> => {
      const { manifests, files } = await rendered({ topics: { create } });
      expect(files.includes('kafka_password')).toBe(create);
      const policies = ofKind(manifests, 'NetworkPolicy').filter(({ metadata }) => metadata.name === 'users-to-kafka');
      return JSON.stringify(policies);
    };
    expect(await toKafka(true)).toContain('"migrate"');
    expect(await toKafka(false)).not.toContain('"migrate"');
  });

  it('is off by default', async () => {
    const { before } = await rendered({});
    expect(before.map(({ name }) => name)).toEqual(['tables']);
  });

  it('needs as many replicas as have to acknowledge', async () => {
    const set = ['topics.create=true', 'topics.replicationFactor=2', 'topics.minInsyncReplicas=3'];
    expect(await renderErrorOf({ set })).toContain('topics.minInsyncReplicas must not be greater');
  });
});
