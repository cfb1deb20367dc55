// Each command of a block is a program of the vocabulary, called with what exists.

import type { Target } from '../../../scripts/gameday/stacks/stack.ts';
import type { Fault, BlocksRule } from './fault.ts';
import { oneOf } from './fault.ts';
import { curlFaults } from './programs/curl.ts';
import { composeFaults } from './programs/compose.ts';
import { helmFaults, kubectlFaults } from './programs/kubectl.ts';
import { nodeFaults, npmFaults } from './programs/npm.ts';
import { promtoolFaults } from './programs/promtool.ts';
import { psqlFaults, redisFaults } from './programs/stores.ts';
import { readScript, type Command, type Script } from './shell-commands.ts';
import type { World } from './world.ts';

export type Context = {
  readonly world: World;
  readonly command: Command;
  readonly on: Target | undefined;
  /** For a program that starts another one, such as `docker compose exec`. */
  readonly check: (words: readonly string[]) => string[];
};
/** @returns what does not exist. `args` are the words after the program. */
export type ProgramRule = (args: readonly string[], context: Context) => string[];

const fine = (): string[] => [];

/** Nothing of ours is named by them. */
const TEXT_TOOLS =
  '[ [[ age-keygen awk base64 break cat column continue cp cut date diff echo exit export false git grep head jq kill ls mkdir mktemp mv openssl printf read rm sed seq set sleep sort tail tee test timeout touch tr true uniq wait wc xargs pg_isready kafka-topics.sh kafka-consumer-groups.sh';

const inShell: ProgramRule = (args, { check }) => {
  const script = args[args.indexOf('-c') + 1] ?? '';
  return args.includes('-c') ? readScript(script).commands.flatMap(({ words }) => check(words)) : [];
};

const PROGRAMS: ReadonlyMap<string, ProgramRule> = new Map<string, ProgramRule>([
  ...TEXT_TOOLS.split(' ').map((name): [string, ProgramRule] => [name, fine]),
  ['bash', inShell],
  ['sh', inShell],
  ['curl', curlFaults],
  ['docker', composeFaults],
  ['helm', helmFaults],
  ['kubectl', kubectlFaults],
  ['node', nodeFaults],
  ['npm', npmFaults],
  ['promtool', promtoolFaults],
  ['psql', psqlFaults],
  ['redis-cli', redisFaults],
]);

const ONLY_ON: ReadonlyMap<string, Target> = new Map([
  ['docker', 'compose'],
  ['kubectl', 'kubectl'],
  ['helm', 'kubectl'],
]);

const commandFaults = (command: Command, script: Script, world: World, on: Target | undefined): string[] => {
  const check = (words: readonly string[]): string[] => {
    const [program = '', ...args] = words;
    if (script.defined.has(program)) return [];
    const rule = PROGRAMS.get(program);
    if (rule === undefined)
      return [
        `${program} is not in the vocabulary of runbooks; there are ${oneOf([...PROGRAMS.keys()].filter((name) => PROGRAMS.get(name) !== fine))} and common text tools`,
      ];
    return rule(args, { world, command, on, check });
  };
  const [program = ''] = command.words;
  const target = ONLY_ON.get(program);
  return [
    ...(target !== undefined && on !== target ? [`${program} is for blocks with on=${target}`] : []),
    ...check(command.words),
  ];
};

export const COMMAND_RULES: BlocksRule = ({ blocks }, world) =>
  blocks.flatMap((block): Fault[] => {
    try {
      const script = readScript(block.script, block.line + 1);
      return script.commands.flatMap((command) =>
        commandFaults(command, script, world, block.on).map((message) => ({ line: command.line, message })),
      );
    } catch {
      return []; // reported by block-rules.ts
    }
  });
