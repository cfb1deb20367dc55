// docker compose: services of docker-compose.yml, and the programs that `exec` starts in them.

import type { ProgramRule } from '../command-rules.ts';
import { oneOf } from '../fault.ts';
import { readArguments, unknownFlags } from './flags.ts';

/* eslint-disable security/detect-object-injection -- they read our own files */

const GLOBAL = ['--profile=', '--project-name=', '-p=', '-f=', '--file='];
const SUBCOMMANDS: Readonly<Record<string, readonly string[]>> = {
  build: ['--quiet', '--no-cache'],
  config: ['--services', '--environment', '--quiet'],
  cp: [],
  down: ['--volumes', '--timeout='],
  exec: ['-T', '--no-TTY', '--interactive', '--user=', '-u=', '--env=', '-e=', '--index='],
  images: [],
  kill: ['--signal=', '-s='],
  logs: ['--tail=', '--since=', '--until=', '--follow', '-f', '--no-log-prefix', '--no-color', '--timestamps', '-t'],
  pause: [],
  port: [],
  ps: ['--all', '-a', '--format=', '--status=', '--services', '--quiet', '-q'],
  pull: ['--quiet'],
  restart: ['--no-deps', '--timeout=', '-t='],
  rm: ['--force', '-f', '--stop', '-s', '--volumes', '-v'],
  run: ['--rm', '--no-deps', '-T', '--env=', '-e=', '--volume=', '-v=', '--user=', '--entrypoint='],
  start: [],
  stats: ['--no-stream', '--no-trunc', '--format='],
  stop: ['--timeout=', '-t='],
  top: [],
  unpause: [],
  up: [
    '--wait',
    '--wait-timeout=',
    '--detach',
    '-d',
    '--no-deps',
    '--force-recreate',
    '--no-recreate',
    '--build',
    '--no-build',
    '--scale=',
    '--quiet-pull',
  ],
};
const OF_SERVER = ['docker stats', 'docker update --memory', 'docker inspect', 'docker ps', 'docker system df'];

export const composeFaults: ProgramRule = (args, { world, check }) => {
  if (args[0] !== 'compose')
    return OF_SERVER.some((name) => `docker ${args.join(' ')}`.startsWith(name))
      ? []
      : ['docker is for: docker compose'];
  const outer = readArguments(args.slice(1), GLOBAL, 1);
  const [subcommand = ''] = outer.operands;
  const known = SUBCOMMANDS[subcommand];
  if (known === undefined)
    return [`docker compose has no ${subcommand} in the vocabulary; there are ${oneOf(Object.keys(SUBCOMMANDS))}`];
  const startsProgram = ['exec', 'run'].includes(subcommand);
  const read = readArguments(outer.rest, known, startsProgram ? 1 : Infinity);
  const services =
    subcommand === 'cp' ? read.operands.flatMap((path) => /^([^:/]+):/.exec(path)?.[1] ?? []) : read.operands;
  const scaled = read.flags.filter(([name]) => name === '--scale').map(([, value]) => value.split('=')[0] ?? '');
  const has = (flag: string): boolean => read.flags.some(([name]) => name === flag);
  return [
    // one service builds the image of all processes
    ...(has('--build') && has('--no-deps')
      ? ['--build with --no-deps builds nothing: docker compose build secrets']
      : []),
    ...unknownFlags(`docker compose`, outer, GLOBAL),
    ...unknownFlags(`docker compose ${subcommand}`, read, known),
    ...[...services, ...scaled]
      .filter((name) => !name.startsWith('$') && !world.composeServices.has(name) && subcommand !== 'port')
      .map((name) => `docker-compose.yml has no service ${name}; there are ${oneOf(world.composeServices)}`),
    ...(startsProgram && read.rest.length > 0 && subcommand === 'exec' ? check(read.rest) : []),
  ];
};
