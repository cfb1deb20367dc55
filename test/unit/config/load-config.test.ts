import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, describeFaults, type ConfigFault } from '../../../src/config/config-error.ts';
import type { Environment } from '../../../src/config/environment.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { maskedView } from '../../../src/config/masked-view.ts';
import { SECTIONS, type SectionName } from '../../../src/config/schema.ts';
import { settingsOf } from '../../../src/config/setting.ts';

const SECRETS = {
  POSTGRES_PASSWORD: 'pg-secret',
  POSTGRES_MIGRATION_PASSWORD: 'owner-secret',
  AUTH_SIGNING_KEYS: '{}',
};

const faultsOf = (env: Environment, sections?: readonly SectionName[]): readonly ConfigFault[] => {
  try {
    loadConfig(env, sections);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

const directoryWith = (files: Record<string, string>): string => {
  const directory = mkdtempSync(join(tmpdir(), 'secrets-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
};

describe('loadConfig', () => {
  it('gives every setting its default when only the secrets are set', () => {
    const config = loadConfig(SECRETS);
    expect(config.service).toEqual({
      name: 'user-service',
      env: 'local',
      version: 'unknown',
      commit: 'unknown',
      secretsDir: '/run/secrets',
    });
    expect(config.http).toMatchObject({ port: 8080, trustProxy: [], requestTimeoutMs: 2000 });
    expect(config.management).toMatchObject({ port: 8081 });
    expect(config.postgres).toMatchObject({ poolSize: 10, tls: 'disable', user: 'user_service_app_login' });
    expect(config.redis).toMatchObject({ tls: false, keyPrefix: 'user-service:' });
    expect(config.lifecycle).toEqual({ drainDelayMs: 5000, shutdownTimeoutMs: 25_000 });
  });

  it('keeps connections for longer than a load balancer does (600 s), and never for less than a request takes', () => {
    expect(loadConfig({ ...SECRETS, HTTP_KEEP_ALIVE_TIMEOUT_MS: '620000' }).http.keepAliveTimeoutMs).toBe(620_000);
    expect(faultsOf({ ...SECRETS, HTTP_KEEP_ALIVE_TIMEOUT_MS: '1200001' })).toHaveLength(1);
    expect(faultsOf({ ...SECRETS, HTTP_REQUEST_TIMEOUT_MS: '30000' })).toEqual([
      { env: 'HTTP_SOCKET_TIMEOUT_MS', detail: 'must be greater than HTTP_REQUEST_TIMEOUT_MS (30000)' },
    ]);
  });

  it('gives each setting the type in its schema', () => {
    const { http, redis, postgres, log } = loadConfig({
      ...SECRETS,
      HTTP_PORT: '9090',
      HTTP_TRUST_PROXY: '192.0.2.0/24, ::1,',
      REDIS_TLS: 'true',
      LOG_FORMAT: 'console',
    });
    const port: number = http.port;
    const format: 'json' | 'console' = log.format;
    const password: () => string = postgres.password;
    expect([port, http.trustProxy, redis.tls, format]).toEqual([9090, ['192.0.2.0/24', '::1'], true, 'console']);
    expect(password()).toBe('pg-secret');
  });

  it('loads only the named sections, and always the service', () => {
    expect(Object.keys(loadConfig({ HTTP_PORT: 'wrong' }, ['log']))).toEqual(['service', 'log']);
  });

  it('counts an empty variable as not set', () => {
    expect(loadConfig({ HTTP_PORT: '', DD_ENV: '' }, ['http'])).toMatchObject({
      http: { port: 8080 },
      service: { env: 'local' },
    });
  });

  it.each([
    ['HTTP_PORT', '12abc', 'must be an integer from 0 to 65535'],
    ['HTTP_PORT', '8080.0', 'must be an integer from 0 to 65535'],
    ['HTTP_PORT', ' 80', 'must be an integer from 0 to 65535'],
    ['HTTP_PORT', '0x50', 'must be an integer from 0 to 65535'],
    ['HTTP_PORT', '1e3', 'must be an integer from 0 to 65535'],
    ['HTTP_PORT', '-1', 'must be an integer from 0 to 65535'],
    ['HTTP_REQUEST_TIMEOUT_MS', '60001', 'must be an integer from 100 to 60000'],
    ['REDIS_TLS', 'yes', 'must be true or false'],
    ['LOG_LEVEL', 'INFO', 'must be one of fatal, error, warn, info, debug, trace, silent'],
    ['HTTP_TRUST_PROXY', '192.0.2.0/33', 'must be comma-separated IP addresses or CIDR blocks'],
    ['HTTP_TRUST_PROXY', 'localhost', 'must be comma-separated IP addresses or CIDR blocks'],
    ['HTTP_TRUST_PROXY', '192.0.2.0/24/24', 'must be comma-separated IP addresses or CIDR blocks'],
    ['AUTH_ISSUER', 'https://id.example.com/', 'must be an http(s) URL without query, fragment or trailing slash'],
    ['DD_SERVICE', 'x'.repeat(1025), 'must be text of at most 1024 characters'],
  ])('rejects %s=%s', (env, text, detail) => {
    expect(faultsOf({ ...SECRETS, [env]: text })).toEqual([{ env, detail }]);
  });

  it.each([
    [{ HTTP_REQUEST_TIMEOUT_MS: '1000' }, 'HTTP_REQUEST_TIMEOUT_MS', 'POSTGRES_STATEMENT_TIMEOUT_MS (1000)'],
    [{ POSTGRES_LOCK_TIMEOUT_MS: '1000' }, 'POSTGRES_STATEMENT_TIMEOUT_MS', 'POSTGRES_LOCK_TIMEOUT_MS (1000)'],
    [{ REDIS_COMMAND_TIMEOUT_MS: '2000' }, 'HTTP_REQUEST_TIMEOUT_MS', 'REDIS_COMMAND_TIMEOUT_MS (2000)'],
    [{ LIFECYCLE_DRAIN_DELAY_MS: '25000' }, 'LIFECYCLE_SHUTDOWN_TIMEOUT_MS', 'LIFECYCLE_DRAIN_DELAY_MS (25000)'],
  ])('requires an inner timeout below the outer one: %o', (env, name, than) => {
    expect(faultsOf({ ...SECRETS, ...env })).toEqual([{ env: name, detail: `must be greater than ${than}` }]);
  });

  it('skips a rule between sections when one of them is not loaded', () => {
    expect(faultsOf({ HTTP_REQUEST_TIMEOUT_MS: '500' }, ['http'])).toEqual([]);
  });

  it('requires two different ports, unless both are any free port', () => {
    expect(faultsOf({ HTTP_PORT: '8081' }, ['http', 'management'])).toEqual([
      { env: 'HTTP_MANAGEMENT_PORT', detail: 'must differ from HTTP_PORT' },
    ]);
    expect(faultsOf({ HTTP_PORT: '0', HTTP_MANAGEMENT_PORT: '0' }, ['http', 'management'])).toEqual([]);
  });

  it('accepts weak password hashing on a laptop and in tests only', () => {
    const weak = { AUTH_ARGON2_MEMORY_KIB: '8192', AUTH_ARGON2_PASSES: '1' };
    const keys = { SECRETS_DIR: directoryWith({ auth_signing_keys: '{}' }) };
    expect(faultsOf({ ...weak, ...keys, DD_ENV: 'test' }, ['auth'])).toEqual([]);
    expect(faultsOf({ ...weak, ...keys, DD_ENV: 'production' }, ['auth'])).toEqual([
      { env: 'AUTH_ARGON2_MEMORY_KIB', detail: 'times AUTH_ARGON2_PASSES must be at least 35840' },
    ]);
  });

  it('knows the settings of every section, and reports an unknown one with the nearest name', () => {
    const env = { HTTP_PROT: '1', POSTGRES_MIGRATION_USER: 'x', POSTGRES_PASSWORD_FILE: '', LOG_DIRECTORY: '/var/log' };
    expect(faultsOf(env, ['http'])).toEqual([
      { env: 'HTTP_PROT', detail: 'is not a known setting; did you mean HTTP_PORT?' },
      { env: 'LOG_DIRECTORY', detail: 'is not a known setting' },
    ]);
  });

  it('ignores variables of other programs', () => {
    const foreign = {
      HTTP_PROXY: 'x',
      REDIS_SERVICE_HOST: 'x',
      REDIS_PORT_6379_TCP_ADDR: 'x',
      HTTPS_PORT: 'x',
      PATH: 'x',
    };
    expect(faultsOf(foreign, ['http'])).toEqual([]);
  });
});

describe('secrets', () => {
  it('come from a file in SECRETS_DIR, or from the file named by <NAME>_FILE', () => {
    const directory = directoryWith({ postgres_password: 'from the directory\n', other: 'from the named file' });
    const production = { DD_ENV: 'production', SECRETS_DIR: directory };
    expect(loadConfig(production, ['postgres']).postgres.password()).toBe('from the directory');
    const named = { ...production, POSTGRES_PASSWORD_FILE: join(directory, 'other') };
    expect(loadConfig(named, ['postgres']).postgres.password()).toBe('from the named file');
  });

  it('are rejected as plain variables in a deployment', () => {
    const detail =
      'must be a file (POSTGRES_PASSWORD_FILE, or postgres_password in SECRETS_DIR) unless DD_ENV is local or test';
    expect(faultsOf({ DD_ENV: 'production', POSTGRES_PASSWORD: 'x' }, ['postgres'])).toEqual([
      { env: 'POSTGRES_PASSWORD', detail },
    ]);
  });

  it('are rejected when set twice, empty or missing', () => {
    const directory = directoryWith({ empty: '\n' });
    const fault = (env: Environment) => faultsOf({ SECRETS_DIR: directory, ...env }, ['postgres'])[0]?.detail;
    expect(fault({ POSTGRES_PASSWORD: 'x', POSTGRES_PASSWORD_FILE: 'y' })).toMatch(/^is set twice/);
    expect(fault({ POSTGRES_PASSWORD_FILE: join(directory, 'empty') })).toMatch(/^is an empty file/);
    expect(fault({})).toMatch(/^cannot be read from .*postgres_password \(ENOENT\)$/);
  });

  it('may be absent when optional, except with <NAME>_FILE', () => {
    const directory = directoryWith({});
    expect(loadConfig({ SECRETS_DIR: directory }, ['redis']).redis).not.toHaveProperty('password');
    expect(faultsOf({ REDIS_PASSWORD_FILE: join(directory, 'gone') }, ['redis'])).toHaveLength(1);
  });

  it('have the default of the schema, if there is one', () => {
    const directory = directoryWith({ auth_signing_keys: '{}' });
    expect(loadConfig({ SECRETS_DIR: directory }, ['auth']).auth.clients()).toBe('{}');
  });
});

describe('describeFaults', () => {
  it('reports every fault at once and no value', () => {
    const env = {
      HTTP_PORT: 'hunter2',
      POSTGRES_POOL_SIZE: '0',
      REDIS_TLS: 'perhaps',
      LOG_FORMTA: 'json',
      DD_ENV: 'prod',
    };
    const report = describeFaults(new ConfigError(faultsOf({ ...env, POSTGRES_PASSWORD: 'hunter2' })));
    for (const name of ['HTTP_PORT', 'POSTGRES_POOL_SIZE', 'REDIS_TLS', 'LOG_FORMTA', 'POSTGRES_PASSWORD'])
      expect(report).toContain(`\n  ${name} `);
    expect(report).not.toContain('hunter2');
  });
});

describe('maskedView', () => {
  it('flattens the settings and shows every secret as "[secret]"', () => {
    const view = maskedView(loadConfig({ ...SECRETS, HTTP_PORT: '9090', REDIS_PASSWORD: 'redis-secret' }));
    expect(view).toMatchObject({ 'http.port': 9090, 'postgres.password': '[secret]', 'redis.password': '[secret]' });
    expect(JSON.stringify(view)).not.toMatch(/pg-secret|owner-secret|redis-secret/);
  });
});

describe('the schema', () => {
  const settings = Object.values(SECTIONS).flatMap((section) => settingsOf(section).map(([, setting]) => setting));

  it('describes every setting, and has a default for every one that is not a secret', () => {
    expect(settings.filter(({ description }) => !/^[A-Z`].*\.$/.test(description)).map(({ env }) => env)).toEqual([]);
    expect(settings.filter((setting) => !setting.secret && setting.default === undefined)).toEqual([]);
  });
});
