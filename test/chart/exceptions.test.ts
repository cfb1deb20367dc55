// What is fine on a development cluster and loses requests or protection elsewhere: rejected in every environment but dev, unless `exceptions` names it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { CHART, renderErrorOf } from './support/chart.ts';

const RULES: [string, string[], string][] = [
  ['publicUrl', ['publicUrl=http://users.example.com'], 'publicUrl: http://users.example.com is not https'],
  ['replicas', ['worker.replicas=1'], 'replicas: one pod of worker'],
  ['preStopSeconds', ['preStopSeconds=0'], 'preStopSeconds: 0'],
  ['drainSeconds', ['drainSeconds=0'], 'drainSeconds: 0'],
  ['postgres.tls', ['postgres.tls=disable'], 'postgres.tls: disable'],
  ['redis.tls', ['redis.tls=false'], 'redis.tls: false'],
  ['redis.password', ['redis.password=false'], 'redis.password: false'],
  ['kafka.tls', ['kafka.tls=false'], 'kafka.tls: false'],
  [
    'schemaRegistry.url',
    ['schemaRegistry.url=http://registry:8080'],
    'schemaRegistry.url: http://registry:8080 is not https',
  ],
  ['networkPolicy.enabled', ['networkPolicy.enabled=false'], 'networkPolicy.enabled: false'],
  [
    'topics.replicationFactor',
    ['topics.create=true', 'topics.replicationFactor=1', 'topics.minInsyncReplicas=1'],
    'topics.replicationFactor: 1',
  ],
  [
    'secrets.vault.address',
    ['secrets.vault.address=http://vault:8200'],
    'secrets.vault.address: http://vault:8200 is not https',
  ],
  [
    'secrets.vault.annotations',
    [String.raw`secrets.vault.annotations.vault\.hashicorp\.com/tls-skip-verify=t`],
    'secrets.vault.annotations: tls-skip-verify',
  ],
];

const everything = RULES.flatMap(([, pairs]) => pairs);
const allowed = (rules: readonly string[]): string => `exceptions={${[...new Set(rules)].join(',')}}`;
const names = RULES.map(([rule]) => rule);

describe.each(['staging', 'production'])('%s', (environment) => {
  it('rejects each of them, and says so of all at once', async () => {
    const error = await renderErrorOf({ environment, set: everything });
    expect(RULES.filter(([, , message]) => error?.includes(message) !== true)).toEqual([]);
    expect(RULES.filter(([rule]) => error?.includes(`add ${rule} to exceptions`) !== true)).toEqual([]);
  });

  it('accepts what is named as an exception', async () => {
    expect(await renderErrorOf({ environment, set: [...everything, allowed(names)] })).toBeUndefined();
  });
});

describe('production rejects', () => {
  it.each(RULES)('%s with %j, and nothing else then', async (rule, set, message) => {
    const error = await renderErrorOf({ environment: 'production', set });
    expect(error).toContain(message);
    expect(error?.match(/to exceptions/g)).toHaveLength(1);
    expect(error).toContain(rule);
  });
});

describe('exceptions', () => {
  it('are not needed in dev', async () => {
    expect(await renderErrorOf({ set: everything })).toBeUndefined();
  });

  it('are names of rules', async () => {
    expect(await renderErrorOf({ set: ['exceptions={postgres.ssl}'] })).toContain("at '/exceptions/0'");
    const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as {
      properties: { exceptions: { items: { enum: string[] } } };
    };
    expect(new Set(schema.properties.exceptions.items.enum)).toEqual(new Set(names));
  });
});

describe('an image without a registry', () => {
  it.each(['staging', 'production'])('is rejected in %s', async (environment) => {
    const error = await renderErrorOf({ environment, set: ['image.registry='] });
    expect(error).toContain('image.registry is required');
    expect(await renderErrorOf({ environment, set: ['image.registry=localhost:5000'] })).toBeUndefined();
  });

  it('is fine where the repository names one, and in dev', async () => {
    const set = ['image.registry=', 'image.repository=ghcr.io/acme/user-service'];
    expect(await renderErrorOf({ environment: 'production', set })).toBeUndefined();
    expect(await renderErrorOf({ environment: 'dev' })).toBeUndefined();
  });
});
