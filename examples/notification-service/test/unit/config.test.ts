import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { loadConfig } from '../../src/config.ts';

const arrange = () => {
  const secretFile = join(mkdtempSync(join(tmpdir(), 'secret-')), 'client_secret');
  writeFileSync(secretFile, 'first\n');
  const env = {
    USER_SERVICE_CLIENT_SECRET_FILE: secretFile,
    OUTBOX_DIRECTORY: '/letters',
    SCHEMA_REGISTRY_URL: 'https://registry.example.com/',
    USER_SERVICE_URL: 'https://users.example.com',
    KAFKA_BROKERS: 'broker:9092',
  };
  return { secretFile, env };
};

describe('loadConfig', () => {
  it('takes its defaults for empty variables and for links to a Service', () => {
    const { env } = arrange();
    const config = loadConfig({ ...env, HTTP_HOST: '', MANAGEMENT_PORT: '', HTTP_PORT: 'tcp://192.0.2.1:80' });
    expect(config).toMatchObject({ host: '0.0.0.0', port: 8082, managementPort: 8083 });
  });

  it.each(['SCHEMA_REGISTRY_URL', 'USER_SERVICE_URL'])(
    'rejects user information in %s, and does not show it',
    (name) => {
      const load = () => loadConfig({ ...arrange().env, [name]: 'https://canary:hunter2@example.com' });
      expect(load).toThrow(`${name} has no valid value`);
      expect(load).not.toThrow(/hunter2/);
    },
  );

  it('keeps the last client secret while its file is empty or missing', () => {
    const { env, secretFile } = arrange();
    const { clientSecret } = loadConfig(env);
    expect(clientSecret()).toBe('first');
    writeFileSync(secretFile, '');
    expect(clientSecret()).toBe('first');
    rmSync(secretFile);
    expect(clientSecret()).toBe('first');
    writeFileSync(secretFile, 'second');
    expect(clientSecret()).toBe('second');
  });
});
