// Rules for blocks: they can be copied at three in the morning.

import { spawnSync } from 'node:child_process';

import type { Block } from '../../../scripts/blocks/read-blocks.ts';
import { withoutFences } from '../../../scripts/runbooks/runbook.ts';
import { ENVIRONMENT } from '../../../scripts/runbooks/environment.ts';
import { TARGETS, type Target } from '../../../scripts/gameday/stacks/stack.ts';
import { isDestructive } from './destructive.ts';
import { oneOf, type Fault, type BlocksRule } from './fault.ts';
import { readScript, type Script } from './shell-commands.ts';

/** The script begins on the line after the fence. */
const scriptOf = ({ script, line }: Block): Script => readScript(script, line + 1);

const syntaxFaults = ({ script, line }: Block): Fault[] => {
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- runs on a developer's machine
  const { status, stderr } = spawnSync('bash', ['-n', '-c', script], { encoding: 'utf8' });
  if (status === 0) return [];
  const [, row = '1', message = stderr.trim()] = /line (\d+): ([^\n]*)/.exec(stderr) ?? [];
  return [{ line: line + Number(row), message: `bash -n: ${message}` }];
};

const QUESTION = /^read -r -p (['"])[^'"\n]+ Continue\? \[y\/N\] \1 answer && \[ "\$answer" = y \] &&( \{)?\n/;
const BEGIN = `begin with: read -r -p 'What will happen, to what. Continue? [y/N] ' answer && [ "$answer" = y ] &&`;

/** A terminal goes on after a line that fails: whatever follows must be chained to the answer. */
const dependsOnAnswer = (script: string, [, , brace]: RegExpExecArray): boolean => {
  const rest = script.slice(script.indexOf('\n') + 1).trimEnd();
  if (brace !== undefined) return /(?:^|\n)\}$/.test(rest);
  const document = /<<-? ?'?(\w+)'?/.exec(rest)?.[1];
  const command = document === undefined || !rest.endsWith(`\n${document}`) ? rest : (rest.split('\n')[0] ?? '');
  return !command.replaceAll(/(?:\\|&&|\||'[^']*')\n/g, '').includes('\n');
};

const asksFirst = ({ asks, name, line, script }: Block, { commands }: Script): Fault[] => {
  if (!asks) {
    const [reason] = commands.flatMap((command) => isDestructive(command));
    const message = `the block ${name} ${reason ?? ''}: it must have the option asks`;
    return reason === undefined ? [] : [{ line, message }];
  }
  const question = QUESTION.exec(script);
  if (question === null) return [{ line: line + 1, message: BEGIN }];
  return dependsOnAnswer(script, question)
    ? []
    : [
        {
          line: line + 1,
          message: 'all commands must depend on the answer: end the line with && { and the block with }',
        },
      ];
};

const textAfter = ({ script, line }: Block, text: string): string =>
  text
    .split('\n')
    .slice(line + script.split('\n').length)
    .join('\n')
    .trimStart();

/** After the last of the variants of a step. */
const saysHowToUndo = (block: Block, text: string): Fault[] => {
  if (!block.asks) return [];
  const after = textAfter(block, text);
  return after.startsWith('Undo:') || after.startsWith(`\`\`\`sh run=${block.name} `)
    ? []
    : [{ line: block.line, message: `the sentence after the block ${block.name} must begin with "Undo:"` }];
};

const LOG = /^(?:docker compose logs|kubectl .*\blogs|npm run --silent stack -- logs)\b.*\| *grep\b/;

/** A healthy system has no such line, and `grep` fails when it finds none. */
const acceptsNoLine = ({ script, line }: Block): Fault[] =>
  script
    .split('\n')
    .flatMap((row, index) =>
      LOG.test(row) && !row.includes('||')
        ? [{ line: line + 1 + index, message: `a log without such a line must be no failure: || echo 'no such line'` }]
        : [],
    );

const SHELL_VARIABLES = new Set(['HOME', 'PATH', 'PWD', 'RANDOM', 'SECONDS', 'PIPESTATUS', 'USER', 'FOLDER']);

const environmentOf = ({ on }: Block<Target>): ReadonlySet<string> =>
  new Set(
    ENVIRONMENT.filter(({ targets }) =>
      on === undefined ? targets.length === TARGETS.length : targets.includes(on),
    ).map(({ name }) => name),
  );

/** The sentences above the block. */
const explanation = ({ line }: Block, text: string): string =>
  withoutFences(text)
    .split('\n')
    .slice(0, line - 1)
    .join('\n');

const unexplained = (block: Block<Target>, script: Script, text: string, exported: ReadonlySet<string>): Fault[] => {
  const known = environmentOf(block);
  const explained = explanation(block, text);
  const isKnown = (name: string): boolean =>
    [script.defined, known, SHELL_VARIABLES, exported].some((names) => names.has(name)) ||
    explained.includes(`\`${name}\``);
  const where = block.on === undefined ? 'for all targets' : `on ${block.on}`;
  return script.variables
    .filter(({ name }) => !isKnown(name))
    .map(({ name, line }) => ({
      line,
      message: `$${name} is not explained: name \`${name}\` in a sentence before the block ${block.name}; known ${where} are ${oneOf(known)}`,
    }));
};

const blockFaults = (block: Block<Target>, text: string, exported: ReadonlySet<string>): Fault[] => {
  const syntax = syntaxFaults(block);
  if (syntax.length > 0) return syntax;
  try {
    const script = scriptOf(block);
    return [
      ...asksFirst(block, script),
      ...saysHowToUndo(block, text),
      ...acceptsNoLine(block),
      ...unexplained(block, script, text, exported),
    ];
  } catch (error) {
    return [{ line: block.line, message: `the block ${block.name} cannot be read: ${(error as Error).message}` }];
  }
};

export const BLOCK_RULES: BlocksRule = ({ blocks, text }) => {
  const exported = new Set(
    blocks.flatMap(({ script }) => [...script.matchAll(/^ *export (\w+)/gm)].map(([, name = '']) => name)),
  );
  return blocks.flatMap((block) => blockFaults(block, text, exported));
};
