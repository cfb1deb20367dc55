// Each rule holds for docker-compose.yml, and finds the edits of base/compose.yml that violate it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { readComposeFile } from './compose-file.ts';
import {
  flagsAreInADirectory,
  shutdownIsGraceful,
  imagesArePinned,
  limitsAddUp,
  logsAreRotated,
  noAnonymousVolumes,
  ownServicesAreHardened,
  portsAreLocal,
  secretsAreFiles,
  settingsExist,
  type ComposeRule,
} from './compose-rules.ts';
import { editDocument, remove, set, type DocumentEdit } from './document-edits.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const file = readComposeFile(read('docker-compose.yml'));
const edited = (...edits: readonly DocumentEdit[]) => readComposeFile(editDocument('compose.yml', ...edits).toString());

/** The example has one reader of its environment, too. */
const namesOfExample = new Set(
  [...read('examples/notification-service/src/config.ts').matchAll(/\bread\('([A-Z_]+)'/g)].map(
    ([, name = '']) => name,
  ),
);

/** Name, rule, edits of base/compose.yml that violate it, findings. */
const RULES: readonly [string, ComposeRule, readonly DocumentEdit[], readonly string[]][] = [
  [
    'limits add up',
    limitsAddUp,
    [
      set(['services', 'postgres', 'deploy', 'resources', 'limits', 'memory'], '2G'),
      remove(['services', 'redis', 'deploy']),
      set(['services', 'prometheus', 'deploy', 'resources', 'limits', 'memory'], '1G'),
    ],
    [
      'redis has no memory limit in M or G',
      'redis has no CPU limit',
      'the memory limits add up to 2.62 GB',
      'the memory limits of observability add up to 1.07 GB',
    ],
  ],
  [
    'images are pinned',
    imagesArePinned,
    [set(['services', 'postgres', 'image'], 'postgres:latest'), set(['services', 'redis', 'image'], 'redis')],
    ['postgres runs postgres:latest, which has no version', 'redis runs redis, which has no version'],
  ],
  [
    'ports are local',
    portsAreLocal,
    [
      set(['services', 'api', 'ports'], ['8080:8080', '127.0.0.1:8081:8081', '127.0.0.1:8080:8080']),
      set(['services', 'kafka', 'ports'], [{ target: 9092, published: 9092 }]),
    ],
    [
      'kafka publishes {"target":9092,"published":9092}, not on 127.0.0.1 only',
      'api publishes "8080:8080", not on 127.0.0.1 only',
      'api publishes its management port, 127.0.0.1:8081:8081',
    ],
  ],
  [
    'secrets are files',
    secretsAreFiles,
    [
      set(['services', 'postgres', 'environment', 'POSTGRES_PASSWORD'], '${PASSWORD:-postgres}'),
      set(['services', 'api', 'environment', 'REDIS_URL'], 'redis://someone:anything@redis:6379'),
      set(['services', 'api', 'environment', 'AUTH_PEPPER'], 'Zm9vYmFyMTIzNDU2Nzg5MA'),
      set(['services', 'redis', 'command'], ['redis-server', '--requirepass', 'Zm9vYmFyMTIzNDU2Nzg5MA']),
    ],
    [
      'postgres has a secret in POSTGRES_PASSWORD',
      'redis has a secret in its command',
      'api has a secret in REDIS_URL',
      'api has a secret in AUTH_PEPPER',
    ],
  ],
  [
    'settings exist',
    settingsExist(namesOfExample),
    [
      set(['services', 'api', 'environment', 'POSTGRES_HOSTNAME'], 'postgres'),
      set(['services', 'api', 'environment', 'POSTGRES_PASSWORD'], 'anything'),
      set(['services', 'api', 'environment', 'DD_TRACE_AGENT_ADDRESS'], 'trace-agent:8126'),
      set(['services', 'notification-service', 'environment', 'POSTGRES_HOST'], 'postgres'),
    ],
    [
      'api sets POSTGRES_HOSTNAME, which its process does not read',
      'api sets POSTGRES_PASSWORD, which its process does not read',
      'api sets DD_TRACE_AGENT_ADDRESS, which its process does not read',
      'notification-service sets POSTGRES_HOST, which its process does not read',
    ],
  ],
  [
    'the file of feature flags is in a mounted directory',
    flagsAreInADirectory,
    [
      set(['services', 'api', 'environment', 'FEATURE_FLAGS_FILE'], '/etc/flags/flags.json'),
      set(['services', 'api', 'volumes'], ['./flags.json:/etc/flags/flags.json:ro']),
    ],
    ['api does not mount the directory of FEATURE_FLAGS_FILE, /etc/flags'],
  ],
  [
    'own services are hardened',
    ownServicesAreHardened,
    [
      remove(['services', 'api', 'read_only']),
      set(['services', 'api', 'cap_drop'], ['NET_RAW']),
      remove(['services', 'api', 'security_opt']),
    ],
    ['api has a writable root file system', 'api keeps capabilities', 'api may gain privileges'],
  ],
  [
    'shutdown is graceful',
    shutdownIsGraceful,
    [
      remove(['services', 'api', 'stop_grace_period']),
      remove(['services', 'redis', 'restart']),
      set(['services', 'notification-service', 'stop_grace_period'], '5s'),
    ],
    [
      'redis has no restart policy',
      'api has a stop grace period of 10000 ms for a shutdown timeout of 10000 ms',
      'notification-service has a stop grace period of 5000 ms for a shutdown timeout of 10000 ms',
    ],
  ],
  [
    'logs are rotated',
    logsAreRotated,
    [remove(['services', 'api', 'logging']), remove(['services', 'kafka', 'logging', 'options', 'max-file'])],
    ['kafka has a log without a limit', 'api has a log without a limit'],
  ],
  [
    'there are no anonymous volumes',
    noAnonymousVolumes,
    [
      remove(['services', 'kafka', 'tmpfs']),
      set(['services', 'redis', 'image'], 'valkey/valkey:8'),
      set(['services', 'postgres', 'volumes'], ['postgres:/var/lib/postgresql/data']),
    ],
    [
      'postgres makes an anonymous volume for /var/lib/postgresql',
      'redis runs valkey/valkey:8, whose volumes are not known to this rule',
      'kafka makes an anonymous volume for /etc/kafka/secrets',
      'kafka makes an anonymous volume for /mnt/shared/config',
    ],
  ],
];

describe.each(RULES)('docker-compose.yml: %s', (_, rule, edits, findings) => {
  it('holds', () => {
    expect(file.size).toBeGreaterThan(10);
    expect(rule(file)).toEqual([]);
  });

  it('holds for the base file', () => {
    expect(rule(edited())).toEqual([]);
  });

  it('finds the violation', () => {
    expect(rule(edited(...edits))).toEqual(findings);
  });
});
