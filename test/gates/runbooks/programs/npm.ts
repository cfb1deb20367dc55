// npm run: scripts of package.json, with the options and subcommands that the source of their program knows.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { PROCESSES, SERVERS } from '../../../../scripts/gameday/stacks/stack.ts';
import { COMMANDS } from '../../../../scripts/gameday/stacks/native/commands.ts';
import type { Context, ProgramRule } from '../command-rules.ts';
import { oneOf } from '../fault.ts';
import { ROOT } from '../world.ts';
import { redisCommandFaults, sqlFaults } from './stores.ts';

/* eslint-disable sonarjs/super-linear-regex -- they read our own files */

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

const WITH_SUBCOMMANDS = new Set(['migrate', 'secrets']);

const flagFaults = (program: string, path: string, args: readonly string[]): string[] => {
  const source = sourceOf(path);
  return args
    .filter((word) => word.startsWith('--') && word !== '--' && !knows(source, word))
    .map((flag) => `${program} has no option ${flag} (${path})`);
};

/** Lines of a help text: two spaces, perhaps the program, the subcommand. */
const subcommandsOf = (source: string, program: string): string[] =>
  source.split('\n').flatMap((row) => {
    if (!/^ {2}[a-z]/.test(row)) return [];
    const [first = '', second = ''] = row
      .trim()
      .replace(/^npm run (?:--silent )?/, '')
      .replace(' -- ', ' ')
      .split(' ');
    return [first === program ? second : first];
  });

const subcommandFaults = (program: string, path: string, [subcommand]: readonly string[]): string[] => {
  const known = subcommandsOf(sourceOf(path, 1), program);
  return subcommand === undefined || subcommand.startsWith('-') || known.includes(subcommand)
    ? []
    : [`${program} has no subcommand ${subcommand}; there are ${oneOf(known)}`];
};

/** A program of src/bin, with the settings of a process. */
const programFaults = (program: string, args: readonly string[], { world }: Context): string[] => {
  const path = `src/bin/${program}.ts`;
  if (!world.exists(path)) return [`there is no program ${path}`];
  return [
    ...flagFaults(program, path, args),
    ...(WITH_SUBCOMMANDS.has(program) ? subcommandFaults(program, path, args) : []),
  ];
};

/** The first argument, where the usage says that it is a process or a part. */
const partFault = (name: string, usage: string): string[] => {
  const names: readonly string[] = usage.startsWith('<part>') ? [...SERVERS, ...PROCESSES] : PROCESSES;
  return !/^<(?:part|process)>/.test(usage) || name.startsWith('$') || names.includes(name)
    ? []
    : [`the stack has no ${name}; there are ${names.join(', ')}`];
};

/** Besides the processes of a stack. */
const PROGRAMS_WITH_SETTINGS = ['migrate', 'backup'];

/** What follows `npm run --silent stack --`. */
const stackFaults = ([subcommand = '', ...rest]: readonly string[], context: Context): string[] => {
  if (subcommand === 'run') {
    const [process = '', program = '', ...args] = rest.filter((word, index) => word !== '--' || index > 1);
    return [
      ...(process === 'migrate' ? [] : partFault(process, '<process>')),
      ...programFaults(program, args, context),
    ];
  }
  const usage = COMMANDS.get(subcommand)?.usage;
  const isProgram = subcommand === 'settings' && PROGRAMS_WITH_SETTINGS.includes(rest[0] ?? '');
  const wrongName = isProgram ? [] : partFault(rest[0] ?? '', usage ?? '');
  if (usage === undefined)
    return [`stack has no command ${subcommand}; there are ${oneOf([...COMMANDS.keys(), 'run'])}`];
  const match = rest[rest.indexOf('--match') + 1] ?? '';
  return [
    ...rest
      .filter((word) => word.startsWith('--') && !usage.includes(word))
      .map((flag) => `stack ${subcommand} has no option ${flag}: ${usage}`),
    ...wrongName,
    ...(rest.includes('--match') && (match.includes('|') || match.includes('.*'))
      ? [`--match takes a text, not a pattern: ${match}`]
      : []),
    ...(subcommand === 'sql' ? sqlFaults(rest.join(' '), context.world) : []),
    ...(subcommand === 'redis' ? redisCommandFaults(rest) : []),
  ];
};

/** The file that a script of package.json starts. */
const pathOf = (command: string): string =>
  command.split(' ').find((word) => word.endsWith('.ts') && !word.startsWith('./')) ?? '';

/** A script may start the program that follows a further `--`. */
const splitProgram = (args: readonly string[]): [readonly string[], readonly string[]] => {
  const at = args.indexOf('--');
  return at < 0 ? [args, []] : [args.slice(0, at), args.slice(at + 1)];
};

export const npmFaults: ProgramRule = (args, context) => {
  if (args[0] !== 'run') return ['npm is for: npm run SCRIPT'];
  const [script = '', separator, ...given] = args.slice(1).filter((word) => !['--silent', '-s'].includes(word));
  const path = pathOf(context.world.npmScripts.get(script) ?? '');
  if (!context.world.npmScripts.has(script)) return [`there is no npm script ${script} in package.json`];
  if (separator !== undefined && separator !== '--') return [`write -- before the arguments: npm run ${script} -- …`];
  if (script === 'stack') return stackFaults(given, context);
  const [own, program] = splitProgram(given);
  return [
    ...(path === '' ? [] : flagFaults(script, path, own)),
    ...(WITH_SUBCOMMANDS.has(script) ? subcommandFaults(script, path, own) : []),
    ...(program.length > 0 ? context.check(program) : []),
  ];
};

/** `node dist/bin/redrive.js` inside of a container. */
export const nodeFaults: ProgramRule = ([file = '', ...args], context) => {
  const program = /^dist\/bin\/(\w+)\.js$/.exec(file)?.[1];
  return program === undefined ? [] : programFaults(program, args, context);
};
