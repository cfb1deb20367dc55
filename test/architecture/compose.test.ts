// Each rule holds for docker-compose.yml, and finds the bug that is planted for it in fixtures/compose/.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { readComposeFile } from './compose-file.ts';
import {
  endsAreOrderly,
  imagesArePinned,
  limitsAddUp,
  ownServicesAreHardened,
  portsAreLocal,
  secretsAreFiles,
  settingsExist,
  type ComposeRule,
} from './compose-rules.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const file = readComposeFile(read('docker-compose.yml'));
const planted = (name: string) => readComposeFile(read(`test/architecture/fixtures/compose/${name}.yml`));

/** The example has one reader of its environment, too. */
const namesOfExample = new Set(
  [...read('examples/notification-service/src/config.ts').matchAll(/\bread\('([A-Z_]+)'/g)].map(
    ([, name = '']) => name,
  ),
);

const RULES: [string, ComposeRule, string[]][] = [
  [
    'limits-add-up',
    limitsAddUp,
    ['redis has no memory limit in M or G', 'redis has no limit of processors', 'the memory limits add up to 2.62 GB'],
  ],
  [
    'images-are-pinned',
    imagesArePinned,
    ['postgres runs postgres:latest, which has no version', 'redis runs redis, which has no version'],
  ],
  [
    'ports-are-local',
    portsAreLocal,
    [
      'api publishes "8080:8080" to others',
      'api publishes its management port, 127.0.0.1:8081:8081',
      'relay publishes {"target":8080,"published":8080} to others',
    ],
  ],
  [
    'secrets-are-files',
    secretsAreFiles,
    [
      'postgres has a secret in POSTGRES_PASSWORD',
      'api has a secret in REDIS_URL',
      'api has a secret in AUTH_PEPPER',
      'redis has a secret in its command',
    ],
  ],
  [
    'settings-exist',
    settingsExist(namesOfExample),
    [
      'api is given POSTGRES_HOSTNAME, which it does not know',
      'api is given POSTGRES_PASSWORD, which it does not know',
      'notification-service is given POSTGRES_HOST, which it does not know',
    ],
  ],
  [
    'own-services-are-hardened',
    ownServicesAreHardened,
    ['api can write to its image', 'api keeps capabilities', 'api may gain privileges'],
  ],
  [
    'ends-are-orderly',
    endsAreOrderly,
    [
      'api is killed after 10000 ms and was promised 10000 ms',
      'redis has no restart policy',
      'notification-service is killed after 5000 ms and was promised 10000 ms',
    ],
  ],
];

describe.each(RULES)('docker-compose.yml: %s', (name, rule, findings) => {
  it('holds', () => {
    expect(file.size).toBeGreaterThan(10);
    expect(rule(file)).toEqual([]);
  });

  it('finds its planted bug', () => {
    expect(rule(planted(name))).toEqual(findings);
  });
});

describe('the topics of docker-compose.yml', () => {
  it('are those that the policy publishes, each with one for dead letters', () => {
    const { topics } = parse(read('api-specs/events/policy.yaml')) as { topics: object };
    const made = [...read('compose/make-topics.ts').matchAll(/topic: '([^']+)'/g)].map(([, topic]) => topic);
    const published = Object.keys(topics);
    expect(new Set(made)).toEqual(
      new Set([...published, ...published.map((topic) => `${topic}.dlq`), 'notification-service.dlq']),
    );
  });
});
