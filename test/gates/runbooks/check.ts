// All rules for one page.

import { readBlocks } from '../../../scripts/blocks/read-blocks.ts';
import { TARGETS } from '../../../scripts/gameday/stacks/stack.ts';
import { readRunbook } from '../../../scripts/runbooks/runbook.ts';
import { BLOCK_RULES } from './block-rules.ts';
import { COMMAND_RULES } from './command-rules.ts';
import type { PageRule } from './fault.ts';
import { PAGE_RULES } from './page-rules.ts';
import type { World } from './world.ts';

const RULES: readonly PageRule[] = [...PAGE_RULES, BLOCK_RULES, COMMAND_RULES];

/** The index has blocks, too. */
export const indexFaults = (text: string, world: World): string[] => {
  const index = { blocks: readBlocks(text, TARGETS), text };
  return [...BLOCK_RULES(index, world), ...COMMAND_RULES(index, world)].map(
    ({ line, message }) => `runbooks/README.md:${line}: ${message}`,
  );
};

/** @returns sentences that begin with the path and the line, in the order of the lines */
export const pageFaults = (name: string, text: string, world: World): string[] => {
  try {
    const page = readRunbook(name, text);
    return RULES.flatMap((rule) => rule(page, world))
      .sort((a, b) => a.line - b.line)
      .map(({ line, message }) => `runbooks/${name}.md:${line}: ${message}`);
  } catch (error) {
    const [, line = '1', message = String(error)] = /^Line (\d+): (.*)/s.exec((error as Error).message) ?? [];
    return [`runbooks/${name}.md:${line}: ${message}`];
  }
};
