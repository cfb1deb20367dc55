// Each rule holds for src/, and finds the bug that is planted for it in fixtures/<rule>/.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  environmentIsReadInConfig,
  filesKeepTheirShape,
  importsGoOneWay,
  noCycles,
  sqlStaysInPostgres,
  type Rule,
} from './rules.ts';
import { sourceFiles } from './source-files.ts';

const source = sourceFiles(join(import.meta.dirname, '../../src'));
const planted = (name: string) => sourceFiles(join(import.meta.dirname, 'fixtures', name));

const RULES: [string, Rule, string[]][] = [
  [
    'imports-go-one-way',
    importsGoOneWay,
    [
      'http/route.ts must not import postgres/pool.ts',
      'postgres/pool.ts must not import users/register-user.ts',
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

  it('finds the planted bug', () => {
    expect(rule(planted(name))).toEqual(findings);
  });
});
