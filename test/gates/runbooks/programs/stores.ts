// psql and redis-cli. A real PostgreSQL prepares all statements in test/integration/postgres/runbooks.test.ts.

import type { Runbook } from '../../../../scripts/runbooks/runbook.ts';
import type { ProgramRule } from '../command-rules.ts';
import { oneOf } from '../fault.ts';
import { readScript, type Command } from '../shell-commands.ts';
import type { World } from '../world.ts';
import { readArguments, unknownFlags } from './flags.ts';

/* eslint-disable security/detect-unsafe-regex, sonarjs/super-linear-regex -- they read our own files */

const PSQL = [
  ...[
    '--command=',
    '-c=',
    '--set=',
    '-v=',
    '--dbname=',
    '-d=',
    '--username=',
    '-U=',
    '--host=',
    '-h=',
    '--file=',
    '-f=',
  ],
  ...[
    '--quiet',
    '-q',
    '--tuples-only',
    '-t',
    '--no-align',
    '-A',
    '-At',
    '-tA',
    '--csv',
    '--expanded',
    '-x',
    '--no-psqlrc',
    '-X',
  ],
];
const REDIS = [
  '-h=',
  '-p=',
  '-n=',
  '--raw',
  '--no-raw',
  '--stat',
  '--bigkeys',
  '--memkeys',
  '--latency',
  '--scan',
  '--pattern=',
  '-a=',
  '--no-auth-warning',
  '--tls',
  '--cacert=',
];
const COMMANDS =
  'BGSAVE CLIENT CLUSTER CONFIG DBSIZE DEL EXISTS FAILOVER FLUSHALL FLUSHDB GET HGETALL INFO LATENCY LASTSAVE MEMORY MONITOR OBJECT PING REPLICAOF ROLE SCAN SENTINEL SET SLOWLOG TTL TYPE UNLINK WAIT';

/** Names that FROM, JOIN, UPDATE and INTO are followed by, besides those of PostgreSQL and of common table expressions. */
export const sqlFaults = (sql: string, { tables }: World): string[] => {
  const own = new Set([...sql.matchAll(/\b(\w+)\s+AS\s+(?:MATERIALIZED\s+)?\(/gi)].map(([, name = '']) => name));
  return [...sql.matchAll(/\b(?:FROM|JOIN|UPDATE|INTO|TABLE)\s+(?!SET\b|SKIP\b)(?:public\.)?([a-z_]+)(?![\w(])/gi)]
    .map(([, name = '']) => name)
    .filter(
      (name) =>
        !/^(?:pg_|information_schema|lateral|now|unnest|only|if)/i.test(name) && !own.has(name) && !tables.has(name),
    )
    .map((name) => `there is no table ${name} in migrations/; there are ${oneOf(tables)}`);
};

const sqlOfPsql = (args: readonly string[], input: string): string => {
  const { flags } = readArguments(args, PSQL);
  return [...flags.filter(([name]) => name === '--command' || name === '-c').map(([, value]) => value), input].join(
    ';\n',
  );
};

export const psqlFaults: ProgramRule = (args, { world, command }) => {
  const read = readArguments(args, PSQL);
  return [...unknownFlags('psql', read, PSQL), ...sqlFaults(sqlOfPsql(args, command.input), world)];
};

export const redisCommandFaults = (words: readonly string[]): string[] => {
  const [name = ''] = words;
  return name === '' || COMMANDS.split(' ').includes(name.toUpperCase())
    ? []
    : [`${name} is not a command of Redis in the vocabulary; there are ${COMMANDS}`];
};

export const redisFaults: ProgramRule = (args) => {
  const read = readArguments(args, REDIS, 1);
  return [...unknownFlags('redis-cli', read, REDIS), ...redisCommandFaults(read.operands)];
};

const sqlOfCommand = ({ words, input }: Command): string[] => {
  const psql = words.indexOf('psql');
  if (psql >= 0) return [sqlOfPsql(words.slice(psql + 1), input)];
  const sql = words.indexOf('sql');
  return words[0] === 'npm' && words.includes('stack') && sql >= 0 ? [words[sql + 1] ?? ''] : [];
};

/** Statements of all blocks, with NULL instead of the variables of the shell. */
export const statementsOf = ({ blocks }: Pick<Runbook, 'blocks'>): { readonly sql: string; readonly line: number }[] =>
  blocks.flatMap(({ script, line }) =>
    readScript(script, line + 1).commands.flatMap((command) =>
      sqlOfCommand(command)
        .flatMap((text) => text.split(';'))
        .map((text) =>
          text
            .replaceAll(/--.*$/gm, '')
            .replaceAll(/'?\$\{?\w+\}?'?/g, 'NULL')
            .trim(),
        )
        .filter((sql) => sql !== '')
        .map((sql) => ({ sql, line: command.line })),
    ),
  );
