// npm run: scripts of package.json, with the options and subcommands that the source of their program knows.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Context, ProgramRule } from '../command-rules.ts';
import { oneOf } from '../fault.ts';
import { ROOT } from '../world.ts';
import { redisCommandFaults, sqlFaults } from './stores.ts';

const IMPORT = /\bfrom '(\.[^']+)'/g;

/** A program and what it imports, two steps deep: a command line is a file beside it. */
const sourceOf = (path: string, depth = 2): string => {
  const file = join(ROOT, path);
  if (!existsSync(file)) return '';
  const text = readFileSync(file, 'utf8');
  if (depth === 0) return text;
  return [
    text,
    ...[...text.matchAll(IMPORT)].map(([, from = '']) => sourceOf(join(dirname(path), from), depth - 1)),
  ].join('\n');
};

const knows = (source: string, flag: string): boolean => {
  const name = flag.replace(/^--/, '').replace(/=.*$/, '');
  return source.includes(`--${name}`) || source.includes(`'${name}': {`) || source.includes(` ${name}: {`);
};

const flagFaults = (program: string, path: string, args: readonly string[]): string[] => {
  const source = sourceOf(path);
  return args
    .filter((word) => word.startsWith('--') && word !== '--' && !knows(source, word))
    .map((flag) => `${program} has no option ${flag} (${path})`);
};

/** Lines of a help text: two spaces, perhaps the program, the subcommand. */
const subcommandsOf = (source: string, program: string): string[] =>
  [...source.matchAll(/^ {2}(?:(?:npm run |-- |--silent )*([a-z]+) (?:-- )?)?([a-z][a-z-]+)(?= |$)/gm)]
    .filter(([, given]) => given === undefined || given === program)
    .map(([, , name = '']) => name);

const subcommandFaults = (program: string, path: string, [subcommand]: readonly string[]): string[] => {
  const known = subcommandsOf(sourceOf(path, 1), program);
  return subcommand === undefined || subcommand.startsWith('-') || known.includes(subcommand)
    ? []
    : [`${program} has no subcommand ${subcommand}; there are ${oneOf(known)}`];
};

/** What follows the subcommand of `npm run --silent stack -- …` (scripts/stack.ts). */
const stackFaults = (args: readonly string[], context: Context): string[] => {
  const [subcommand, ...rest] = args;
  if (subcommand === 'sql') return sqlFaults(rest.join(' '), context.world);
  if (subcommand === 'redis') return redisCommandFaults(rest);
  if (subcommand !== 'run') return [];
  const [, , program = '', ...further] = rest;
  const path = `src/bin/${program}.ts`;
  if (!context.world.exists(path)) return [`there is no program ${path}`];
  return [
    ...flagFaults(program, path, further),
    ...(program === 'migrate' ? subcommandFaults(program, path, further) : []),
  ];
};

const WITH_SUBCOMMANDS = new Set(['migrate', 'stack']);

export const npmFaults: ProgramRule = (args, context) => {
  if (args[0] !== 'run') return ['npm is for: npm run SCRIPT'];
  const [script = '', ...rest] = args.slice(1).filter((word) => !['--silent', '-s'].includes(word));
  const command = context.world.npmScripts.get(script);
  if (command === undefined)
    return [
      `there is no npm script ${script} in package.json; there are ${[...context.world.npmScripts.keys()].join(', ')}`,
    ];
  const given = rest[0] === '--' ? rest.slice(1) : rest;
  const path = /^node (?:--\S+ (?:\.\/\S+ )?)*(\S+\.ts)/.exec(command)?.[1] ?? '';
  const own = script === 'stack' ? given.slice(0, given.includes('run') ? 2 : undefined) : given;
  return [
    ...(rest.length > 0 && rest[0] !== '--'
      ? [`write -- before the arguments: npm run ${script} -- ${rest.join(' ')}`]
      : []),
    ...(path === '' || script === 'stack' ? [] : flagFaults(script, path, own)),
    ...(WITH_SUBCOMMANDS.has(script) ? subcommandFaults(script, path, own) : []),
    ...(script === 'stack' ? stackFaults(given, context) : []),
  ];
};
