// Each rule holds for src/, and finds the violations in fixtures/<rule>/.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  DOMAIN,
  DOMAIN_ERRORS,
  DOMAIN_REPRESENTATIONS,
  environmentIsReadInConfig,
  filesKeepTheirShape,
  importsGoOneWay,
  MAY_IMPORT,
  noCycles,
  sqlStaysInPostgres,
  type Rule,
} from './rules.ts';
import { sourceFiles } from './source-files.ts';

const SRC = join(import.meta.dirname, '../../src');
const source = sourceFiles(SRC);
const fixture = (name: string) => sourceFiles(join(import.meta.dirname, 'fixtures', name));

const RULES: [string, Rule, string[]][] = [
  [
    'imports-go-one-way',
    importsGoOneWay,
    [
      'composition/serve-api.ts must not import bin/api.ts',
      'http/route.ts must not import composition/serve-api.ts',
      'http/route.ts must not import lifecycle/readiness.ts',
      'http/route.ts must not import postgres/pool.ts',
      'kafka/publisher.ts must not import orders/events.ts',
      'postgres/pool.ts must not import users/register-user.ts',
      'resilience/backoff.ts must not import postgres/pool.ts',
      'users/register-user.ts must not import auth/log-in.ts',
      'users/register-user.ts must not import bin/api.ts',
      'users/register-user.ts must not import http/route.ts',
    ],
  ],
  ['no-cycles', noCycles, ['users/a.ts → users/b.ts → users/a.ts is a cycle']],
  [
    'environment-is-read-in-config',
    environmentIsReadInConfig,
    ['http/server.ts reads the environment; take the value from config/'],
  ],
  ['sql-stays-in-postgres', sqlStaysInPostgres, ['users/find.ts holds SQL; only postgres/ and migrations/ do']],
  [
    'files-keep-their-shape',
    filesKeepTheirShape,
    [
      'users/a/b/deep.ts is more than two folders deep',
      'users/kinds.ts has a default export',
      'users/kinds.ts has an enum',
      'users/kinds.ts has a TODO without an issue number',
      'users/long.ts is longer than 200 lines',
      'users/utils.ts has a name that says nothing',
    ],
  ],
];

describe.each(RULES)('%s', (name, rule, findings) => {
  it('holds for src/', () => {
    expect(source.length).toBeGreaterThan(20);
    expect(rule(source)).toEqual([]);
  });

  it('finds the violations', () => {
    expect(rule(fixture(name))).toEqual(findings);
  });
});

describe('files-keep-their-shape', () => {
  it('finds a module with too many entries', () => {
    const usersWith = (entries: number) =>
      Array.from({ length: entries }, (_, n) => ({ path: `users/${n}.ts`, module: 'users', text: '', imports: [] }));

    expect(filesKeepTheirShape(usersWith(16))).toEqual([]);
    expect(filesKeepTheirShape(usersWith(17))).toEqual(['users/ has 17 entries, more than 16: group them in folders']);
  });
});

describe('the table in src/README.md', () => {
  const modules = [...MAY_IMPORT.keys()];
  /** What its words stand for; any other word is the name of a module. */
  const WORDS = new Map<string, readonly string[]>([
    ['nothing', []],
    ['everything', modules.filter((module) => module !== 'bin')],
    ['everything but bin', modules.filter((module) => module !== 'bin' && module !== 'composition')],
    ['domain', DOMAIN],
    ['domain errors', DOMAIN_ERRORS],
    ['domain representations', DOMAIN_REPRESENTATIONS],
  ]);
  const parse = (list = ''): Set<string> =>
    new Set(list.split(', ').flatMap((word) => (word === '' ? [] : (WORDS.get(word) ?? [word]))));

  it('permits the same imports as the rule', () => {
    const rows = readFileSync(join(SRC, 'README.md'), 'utf8').matchAll(/^\| (`[^|]+) \|[^|]+\|([^|]+)\|$/gm);
    const documented = [...rows].flatMap(([, names = '', cell = '']) => {
      const [values, types] = cell
        .replaceAll('`', '')
        .trim()
        .split(/(?:; )?types of /);
      return [...names.matchAll(/`([\w-]+)\/`/g)].map(
        ([, module = '']) => [module, { values: parse(values), types: parse(types) }] as const,
      );
    });
    const enforced = [...MAY_IMPORT].map(
      ([module, { values, types }]) => [module, { values: new Set(values), types: new Set(types) }] as const,
    );

    expect(new Map(documented)).toEqual(new Map(enforced));
  });

  it('has a row for every module', () => {
    expect(new Set(modules)).toEqual(new Set(source.map(({ module }) => module)));
  });
});
