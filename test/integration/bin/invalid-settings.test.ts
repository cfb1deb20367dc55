// Secret files and URLs that are not valid when a program starts: exit code 78 and the name of the setting, never its content.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startProgram } from '../../support/child-process.ts';

describe('a program whose settings are not valid', { timeout: 30_000 }, () => {
  const bad = {
    DD_ENV: 'production',
    SECRETS_DIR: mkdtempSync(join(tmpdir(), 'user-service-secrets-')),
  };
  beforeAll(() => {
    const files = {
      postgres_password: 'x',
      postgres_migration_password: 'x',
      auth_signing_keys: `{"keys":[{"kid":"hunter2"}]}`,
      auth_clients: '{"hunter2":null}',
      http_management_token: 'hunter2',
      'ca.pem': '-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(bad.SECRETS_DIR, name), text);
  });

  it.each<[string, string[], Record<string, string>, string[]]>([
    ['api', [], {}, ['AUTH_SIGNING_KEYS', 'AUTH_CLIENTS']],
    ['api', [], { POSTGRES_TLS_CA_FILE: join(bad.SECRETS_DIR, 'ca.pem') }, ['POSTGRES_TLS_CA_FILE']],
    ['relay', [], { POSTGRES_TLS_CA_FILE: '/nope' }, ['POSTGRES_TLS_CA_FILE']],
    ['worker', [], {}, ['HTTP_MANAGEMENT_TOKEN']],
    ['worker', [], { AUDIT_LOG: 'syslog' }, ['AUDIT_LOG']],
    ['worker', [], { NODE_EXTRA_CA_CERTS: '/nope' }, ['NODE_EXTRA_CA_CERTS']],
    ['worker', [], { POSTGRES_TLS_CA_FILE: join(bad.SECRETS_DIR, 'ca.pem') }, ['POSTGRES_TLS_CA_FILE']],
    ['migrate', ['status'], { POSTGRES_TLS_CA_FILE: '/nope' }, ['POSTGRES_TLS_CA_FILE']],
    ['migrate', ['schemas'], { SCHEMA_REGISTRY_URL: 'https://canary:hunter2@registry' }, ['SCHEMA_REGISTRY_URL']],
    ['relay', [], { SCHEMA_REGISTRY_URL: 'https://canary:hunter2@registry' }, ['SCHEMA_REGISTRY_URL']],
    ['relay', [], { DATADOG_METRICS: 'push' }, ['DD_API_KEY']],
    ['worker', [], { DATADOG_METRICS: 'pull' }, ['DATADOG_METRICS']],
    ['relay', [], { DD_API_KEY_FILE: join(bad.SECRETS_DIR, 'ca.pem') }, ['DD_API_KEY']],
    ['relay', [], { DATADOG_API_URL: 'https://canary:hunter2@proxy' }, ['DATADOG_API_URL']],
    ['api', [], { FAULT_INJECTION: 'redis:error@5%' }, ['AUTH_CLIENTS', 'FAULT_INJECTION']],
    ['relay', [], { FAULT_INJECTION: 'hunter2' }, ['FAULT_INJECTION']],
    ['worker', [], { DD_ENV: 'Prod-eu', FAULT_INJECTION: 'header' }, ['FAULT_INJECTION']],
    ['redrive', ['--outbox'], { POSTGRES_TLS_CA_FILE: bad.SECRETS_DIR }, ['POSTGRES_TLS_CA_FILE']],
  ])('%s %s with %j exits with 78 and names %s', async (program, args, env, names) => {
    const started = startProgram(program, { args, env: { ...bad, ...env } });
    onTestFinished(() => {
      started.kill('SIGKILL');
    });
    expect(await started.exited).toBe(78);
    const { stdout, stderr } = started.output;
    for (const name of names) expect(stderr).toContain(`\n  ${name} `);
    expect([stdout, stderr]).toEqual(['', expect.not.stringMatching(/hunter2|canary| {4}at /)]);
  });
});
