// The blocks of one page, executed in one terminal.

import type { Runbook } from '../../runbooks/runbook.ts';
import { eventually } from '../../../test/support/eventually.ts';
import type { Load } from '../load.ts';
import { openTerminal } from '../runbook.ts';
import type { Stack } from '../stacks/stack.ts';
import { seconds } from '../timeline.ts';
import { blocksFor, blocksToWalk, withRepeated, type Placed } from './blocks.ts';
import { PREPARE, PUT_BACK } from './put-back.ts';
import { makeSurroundings } from './surroundings.ts';
import { lacking, valuesFor } from './values.ts';

export type Counts = { passed: number; failed: number; skipped: number };
export type Options = {
  readonly stack: Stack;
  readonly load: Load;
  /** Execute the actions as well. */
  readonly actions: boolean;
  readonly line: (text: string) => void;
  readonly signal: AbortSignal;
};

const HEALTHY_MS = 90_000;
/** Requests after the last block: about two seconds. */
const FRESH = 20;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const LINES = 15;
/** What a block printed at last, which the shell gives as the deepest cause. */
const endOfOutput = (error: unknown): string => {
  if (error instanceof Error) return endOfOutput(error.cause);
  const lines = String(error).trimEnd().split('\n').slice(-LINES);
  return lines.map((text) => `    ${text}`).join('\n');
};

/** @throws Error when requests still fail after a minute and a half */
export const waitUntilHealthy = async ({ load, signal }: Pick<Options, 'load' | 'signal'>): Promise<void> => {
  const since = load.requests();
  const check = (): void => {
    if (load.requests() < since + FRESH) throw new Error('few requests were made');
    load.assertHealthy();
  };
  await eventually(check, { deadlineMs: HEALTHY_MS, everyMs: 250, signal });
};

const runBlocks = async (blocks: readonly Placed[], options: Options, values: Readonly<Record<string, string>>) => {
  const { stack, line, signal } = options;
  const terminal = openTerminal({ ...stack.variables, ...values }, stack.folder);
  let failed = 0;
  try {
    for (const { page, block } of blocks)
      try {
        const { tookMs } = await terminal.run(block, signal);
        line(`${page}: ${block.name} ok ${seconds(tookMs)}`);
      } catch (error) {
        signal.throwIfAborted();
        failed += 1;
        line(`${page}: FAILED ${messageOf(error)}`);
        line(endOfOutput(error));
      }
  } finally {
    terminal.close();
  }
  return failed;
};

const changes = ({ part }: Placed): boolean => part !== 'Investigation';

/** Before the actions that roll back. */
const prepare = async (page: string, blocks: readonly Placed[], { stack }: Options): Promise<void> => {
  if (!blocks.some(({ block }) => block.name.startsWith('rollback'))) return;
  await (Object.hasOwn(PREPARE, page) ? PREPARE[page]?.(stack) : undefined); // eslint-disable-line security/detect-object-injection -- an own name of the table
};

/** Puts back what the actions changed, and waits until users are served. */
const recover = async (page: string, options: Options): Promise<void> => {
  await (Object.hasOwn(PUT_BACK, page) ? PUT_BACK[page]?.(options.stack) : undefined); // eslint-disable-line security/detect-object-injection -- an own name of the table
  await waitUntilHealthy(options);
};

/** @throws Error when the system does not work after the page; then nobody should go on with it */
export const walkPage = async (page: Runbook, options: Options): Promise<Counts> => {
  const { stack, actions } = options;
  const once = blocksToWalk(page, stack.target, actions).filter(({ block }) => lacking(block, stack) === undefined);
  const skipped = blocksFor(page, stack.target).length - once.length;
  const blocks = withRepeated(once);
  const at = makeSurroundings(stack);
  try {
    const scripts = blocks.map(({ block }) => block.script);
    await prepare(page.name, blocks, options);
    const failed = await runBlocks(blocks, options, await valuesFor(scripts, at));
    if (blocks.some(changes)) await recover(page.name, options);
    return { passed: blocks.length - failed, failed, skipped };
  } finally {
    await at.close();
  }
};
