// Settings of a connection that only look like a protection, or ask a server for what it can't give, are refused at the start.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { ConfigError } from '../../../src/config/config-error.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { makePrivateAuthority } from '../../support/private-authority.ts';

const folder = mkdtempSync(join(tmpdir(), 'user-service-rules-'));
const CA = join(folder, 'ca.pem');
writeFileSync(CA, makePrivateAuthority('Test CA').pem);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const SECTIONS = ['postgres', 'redis', 'kafka', 'schemaRegistry'] as const;
const load = (settings: Record<string, string>) =>
  loadConfig({ DD_ENV: 'test', POSTGRES_PASSWORD: 'x', ...settings }, SECTIONS);
const faults = (settings: Record<string, string>): unknown => {
  try {
    load(settings);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.faults : error;
  }
};

describe('the authorities of a connection', () => {
  it.each<[string, Record<string, string>]>([
    ['POSTGRES_TLS_CA_FILE', { POSTGRES_TLS: 'verify-full' }],
    ['POSTGRES_TLS_CA_FILE', { POSTGRES_TLS: 'require' }],
    ['REDIS_TLS_CA_FILE', { REDIS_TLS: 'true' }],
    ['KAFKA_TLS_CA_FILE', { KAFKA_TLS: 'true' }],
    ['SCHEMA_REGISTRY_TLS_CA_FILE', { SCHEMA_REGISTRY_URL: 'https://registry' }],
  ])('%s is the content of a file, with %o', (name, tls) => {
    const config = load({ [name]: CA, ...tls });
    const contents = Object.values(config).flatMap((section) => ('tlsCa' in section ? [section.tlsCa()] : []));
    expect(contents).toEqual([expect.stringContaining('BEGIN CERTIFICATE')]);
    expect(Object.values(load(tls)).flatMap((section) => ('tlsCa' in section ? ['set'] : []))).toEqual([]);
  });

  it.each<[string, string, string]>([
    ['POSTGRES_TLS_CA_FILE', 'POSTGRES_TLS', 'verify-full or require'],
    ['REDIS_TLS_CA_FILE', 'REDIS_TLS', 'true'],
    ['KAFKA_TLS_CA_FILE', 'KAFKA_TLS', 'true'],
    ['SCHEMA_REGISTRY_TLS_CA_FILE', 'SCHEMA_REGISTRY_URL', 'https:'],
  ])('%s without TLS is refused', (name, setting, needed) => {
    expect(faults({ [name]: CA })).toEqual([{ env: setting, detail: `must be ${needed} because ${name} is set` }]);
  });
});

describe('authentication', () => {
  it('with SCRAM needs a user', () => {
    expect(faults({ KAFKA_SASL_MECHANISM: 'scram-sha-512' })).toEqual([
      { env: 'KAFKA_USERNAME', detail: 'must be set because KAFKA_SASL_MECHANISM is' },
    ]);
    const user = { KAFKA_USERNAME: 'relay', KAFKA_PASSWORD: 'x' };
    expect(load({ KAFKA_SASL_MECHANISM: 'scram-sha-512', ...user }).kafka.saslMechanism).toBe('scram-sha-512');
  });

  it.each(['KAFKA', 'REDIS', 'SCHEMA_REGISTRY'])('%s_USERNAME needs a password', (server) => {
    const name = `${server}_PASSWORD`;
    expect(faults({ [`${server}_USERNAME`]: 'relay' })).toEqual([
      {
        env: name,
        detail: `must be a secret file (${name.toLowerCase()}) because ${server}_USERNAME is set`,
      },
    ]);
    expect(faults({ [`${server}_USERNAME`]: 'relay', [name]: 'x' })).toEqual([]);
  });
});
