import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseKeySet } from '../../../src/auth/tokens/key-set.ts';
import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { ConfigError, describeFaults, type ConfigFault } from '../../../src/config/config-error.ts';
import type { Environment } from '../../../src/config/environment.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { maskedView } from '../../../src/config/masked-view.ts';
import { SECTIONS, type SectionName } from '../../../src/config/schema.ts';
import { settingsOf } from '../../../src/config/setting.ts';

const PROXIES = 'must be comma-separated IP addresses or CIDR blocks, not wider than /8 (IPv4) or /7 (IPv6)';

const KEYS = JSON.stringify({ keys: [await newSigningKey()] });
const SECRETS = {
  POSTGRES_PASSWORD: 'pg-secret',
  POSTGRES_MIGRATION_PASSWORD: 'owner-secret',
  AUTH_SIGNING_KEYS: KEYS,
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

const ISSUER = 'an http(s) URL without user information, query, fragment or trailing slash';

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
    expect(config.lifecycle).toEqual({
      drainDelayMs: 5000,
      outageToleranceMs: 5000,
      shutdownTimeoutMs: 25_000,
    });
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
    const password: (() => string) | undefined = postgres.password;
    expect([port, http.trustProxy, redis.tls, format]).toEqual([9090, ['192.0.2.0/24', '::1'], true, 'console']);
    expect(password?.()).toBe('pg-secret');
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
    ['HTTP_TRUST_PROXY', '192.0.2.0/33', PROXIES],
    ['HTTP_TRUST_PROXY', 'localhost', PROXIES],
    ['HTTP_TRUST_PROXY', '0.0.0.0/0', PROXIES],
    ['HTTP_TRUST_PROXY', '0.0.0.0/1, 128.0.0.0/1', PROXIES],
    ['HTTP_TRUST_PROXY', '::/0', PROXIES],
    ['HTTP_TRUST_PROXY', [':', 'ffff', '0', '0/96'].join(':'), PROXIES],
    ['HTTP_TRUST_PROXY', '192.0.2.0/24/24', PROXIES],
    ['AUTH_ISSUER', 'https://id.example.com/', `must be ${ISSUER}`],
    ['AUTH_ISSUER', 'https://id.example.com?a=b', `must be ${ISSUER}`],
    ['AUTH_ISSUER', 'https:///id.example.com', `must be ${ISSUER}`],
    ['AUTH_ISSUER', 'https://id.example.com:port', `must be ${ISSUER}`],
    [
      'SCHEMA_REGISTRY_URL',
      'https://registry?a=b',
      'must be an http(s) URL without user information, query or fragment',
    ],
    ['POSTGRES_HOST', 'db.example.com/x', 'must be a host name, an IP address or the directory of a socket'],
    ['REDIS_HOST', 'redis:6379', 'must be a host name or an IP address'],
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
    const keys = { SECRETS_DIR: directoryWith({ auth_signing_keys: KEYS }) };
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

  it.each([
    ['AUTH_ISSUER', 'https://canary:hunter2@id.example.com'],
    ['AUTH_ISSUER', 'https://canary@id.example.com'],
    ['SCHEMA_REGISTRY_URL', 'https://canary:hunt%40er2@registry:8081'],
    ['SCHEMA_REGISTRY_URL', 'https:///canary:hunter2@registry'],
    ['SCHEMA_REGISTRY_URL', String.raw`https:\\canary:hunter2@registry`],
    ['SCHEMA_REGISTRY_URL', 'https://canary:hun/ter2@registry'],
    ['POSTGRES_HOST', 'postgres://canary:hunter2@db/user_service'],
    ['POSTGRES_DATABASE', 'postgres://canary:hunter2@db/user_service'],
    ['REDIS_HOST', 'rediss://:hunter2@redis'],
    ['KAFKA_CLIENT_ID', 'kafka://canary:hunter2@broker'],
    ['HTTP_TRUST_PROXY', 'https://canary:hunter2@proxy'],
    ['KAFKA_BROKERS', 'SASL://canary:hunter2@broker:9092'],
    ['DD_SERVICE', 'https://canary:hunter2@service'],
    ['DD_TRACE_AGENT_URL', 'https://canary:hunter2@agent:8126'],
  ])('rejects user information in %s, and does not show it: %s', (env, text) => {
    const faults = faultsOf({ ...SECRETS, [env]: text });
    expect(faults).toEqual([{ env, detail: 'must not contain user information' }]);
    expect(describeFaults(new ConfigError(faults))).not.toMatch(/canary|hun/);
  });

  it.each([
    ['SCHEMA_REGISTRY_URL', 'https://registry.example.com:8443/apis/ccompat/v7'],
    ['AUTH_ISSUER', 'https://id.example.com/realms/one'],
    ['POSTGRES_HOST', '/var/run/postgresql'],
    ['POSTGRES_HOST', '2001:db8::1'],
    ['REDIS_HOST', '::1'],
    ['DD_TRACE_AGENT_URL', 'unix:///var/run/datadog/apm.socket'],
  ])('accepts %s=%s', (env, text) => {
    expect(faultsOf({ ...SECRETS, [env]: text })).toEqual([]);
  });

  it('ignores the links of Kubernetes and Docker to services, also where they have the name of a setting', () => {
    const links = {
      REDIS_PORT: 'tcp://192.0.2.1:6379',
      REDIS_PORT_6379_TCP: 'tcp://192.0.2.1:6379',
      REDIS_PORT_6379_TCP_PROTO: 'tcp',
      REDIS_PORT_6379_SCTP_PORT: '6379',
      REDIS_SERVICE_HOST: '192.0.2.1',
      REDIS_SERVICE_PORT_CLIENT: '6379',
      REDIS_NAME: '/api/redis',
      REDIS_ENV_REDIS_VERSION: '7',
      KAFKA_PORT: 'tcp://192.0.2.2:9092',
      HTTP_PORT: 'udp://192.0.2.3:80',
      HTTP_ECHO_PORT: 'tcp://192.0.2.4:80',
    };
    const config = loadConfig(links, ['http', 'redis']);
    expect([config.http.port, config.redis.port]).toEqual([8080, 6379]);
  });

  it('takes nothing else for a link', () => {
    expect(
      faultsOf({ REDIS_HOST: 'tcp://192.0.2.1', REDIS_NAME: '/api/redis', HTTP_PROT: 'tcp://x' }, ['redis']),
    ).toEqual([
      { env: 'REDIS_HOST', detail: 'must be a host name or an IP address' },
      { env: 'REDIS_NAME', detail: 'is not a known setting' },
      { env: 'HTTP_PROT', detail: 'is not a known setting; did you mean HTTP_PORT?' },
    ]);
  });

  it('ignores an unknown variable that is empty', () => {
    expect(faultsOf({ REDIS_SENTINELS: '' }, ['redis'])).toEqual([]);
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
  it('may be user and password of the database in one file, which replaces both', () => {
    const directory = directoryWith({ postgres_credentials: '{"username":"u","password":"p","expiresAt":9}' });
    const { credentials, password } = loadConfig({ DD_ENV: 'production', SECRETS_DIR: directory }, [
      'postgres',
    ]).postgres;
    expect(password).toBeUndefined();
    expect(credentials?.()).toEqual({ user: 'u', password: 'p', expiresAt: 9 });
  });

  it('that have a fault of their own are not reported as missing', () => {
    const directory = directoryWith({ postgres_credentials: 'hunter2' });
    expect(faultsOf({ SECRETS_DIR: directory }, ['postgres'])).toEqual([
      { env: 'POSTGRES_CREDENTIALS', detail: 'is not JSON' },
    ]);
  });

  it.each(['auth_signing_keys', 'postgres_credentials'])('are refused when every account may write %s', (name) => {
    const directory = directoryWith({ [name]: '{}' });
    chmodSync(join(directory, name), 0o646);
    const faults = faultsOf({ SECRETS_DIR: directory }, ['postgres', 'auth']);
    expect(faults).toContainEqual({
      env: name.toUpperCase(),
      detail: `must not be writable by every account: chmod o-w ${join(directory, name)}`,
    });
  });

  it('come from a file in SECRETS_DIR, or from the file named by <NAME>_FILE', () => {
    const directory = directoryWith({ postgres_password: 'from the directory\n', other: 'from the named file' });
    const production = { DD_ENV: 'production', SECRETS_DIR: directory };
    expect(loadConfig(production, ['postgres']).postgres.password?.()).toBe('from the directory');
    const named = { ...production, POSTGRES_PASSWORD_FILE: join(directory, 'other') };
    expect(loadConfig(named, ['postgres']).postgres.password?.()).toBe('from the named file');
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
    expect(fault({})).toBe(
      'must be a file (POSTGRES_PASSWORD_FILE, or postgres_password in SECRETS_DIR) unless POSTGRES_CREDENTIALS is one',
    );
  });

  it('may be absent when optional, except with <NAME>_FILE', () => {
    const directory = directoryWith({});
    expect(loadConfig({ SECRETS_DIR: directory }, ['redis']).redis).not.toHaveProperty('password');
    expect(faultsOf({ REDIS_PASSWORD_FILE: join(directory, 'gone') }, ['redis'])).toHaveLength(1);
  });

  it('are parsed: content that is not valid is reported with the name of the setting and no content', () => {
    const ca = join(directoryWith({ 'ca.pem': 'hunter2' }), 'ca.pem');
    const env = {
      DD_ENV: 'production',
      SECRETS_DIR: directoryWith({
        auth_signing_keys: 'hunter2',
        auth_clients: '{"hunter2":',
        postgres_password: 'a\0',
      }),
      POSTGRES_TLS_CA_FILE: ca,
    };
    expect(faultsOf(env, ['auth', 'postgres'])).toEqual([
      { env: 'POSTGRES_TLS_CA_FILE', detail: 'contains no PEM certificate' },
      { env: 'POSTGRES_PASSWORD', detail: 'contains a NUL character' },
      { env: 'AUTH_SIGNING_KEYS', detail: 'is not JSON' },
      { env: 'AUTH_CLIENTS', detail: 'is not JSON' },
    ]);
    expect(faultsOf({ AUTH_SIGNING_KEYS: 'hunter2' }, ['auth'])).toEqual([
      { env: 'AUTH_SIGNING_KEYS', detail: 'is not JSON' },
    ]);
    expect(faultsOf({ ...SECRETS, POSTGRES_TLS_CA_FILE: '/nope' }, ['migrations'])).toEqual([
      { env: 'POSTGRES_TLS_CA_FILE', detail: 'cannot be read from /nope (ENOENT)' },
    ]);
  });

  it('are the parsed content', () => {
    const { auth } = loadConfig(SECRETS, ['auth']);
    expect(auth.signingKeys().publicJwks).toEqual(parseKeySet(KEYS).publicJwks);
  });

  it('have the default of the schema, if there is one', () => {
    const directory = directoryWith({ auth_signing_keys: KEYS });
    expect(loadConfig({ SECRETS_DIR: directory }, ['auth']).auth.clients()).toEqual(new Map());
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
