// The blocks of a runbook, executed as an on-call person would copy them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readBlocks, type Block } from '../blocks/read-blocks.ts';
import { openShell } from '../blocks/shell.ts';
import { TARGETS, type Target } from './stacks/stack.ts';

export const RUNBOOKS = join(import.meta.dirname, '../../runbooks');

/** The variant for `target`, else the one for all. */
const variantOf = (blocks: readonly Block<Target>[], name: string, target: Target): Block | undefined =>
  blocks.find((block) => block.name === name && block.on === target) ??
  blocks.find((block) => block.name === name && block.on === undefined);

/** @throws Error for a page that does not exist, and for names that it has no block for */
export const findBlocks = (page: string, names: readonly string[], target: Target, folder = RUNBOOKS): Block[] => {
  const blocks = readBlocks(readFileSync(join(folder, `${page}.md`), 'utf8'), TARGETS);
  return names.map((name) => {
    const found = variantOf(blocks, name, target);
    if (found === undefined) throw new Error(`runbooks/${page}.md has no block ${name} for ${target}.`);
    return found;
  });
};

export type BlockResult = { readonly name: string; readonly tookMs: number; readonly output: string };

/** One terminal: exported variables stay. @param variables of the stack, and what the drill fills in. @param folder a checkout of the repository */
export const openTerminal = (variables: Readonly<Record<string, string>>, folder: string) => {
  const shell = openShell(variables, folder);
  return {
    /** @throws Error with the end of the output when the block fails */
    run: async ({ name, script, asks }: Block, signal: AbortSignal): Promise<BlockResult> => {
      const start = Date.now();
      const output = await shell
        .run(script, { quiet: true, signal, ...(asks && { input: 'y\n' }) })
        .catch((error: unknown) => {
          throw new Error(`block ${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
        });
      return { name, tookMs: Date.now() - start, output: output.trimEnd() };
    },
    close: shell.close,
  };
};
