// Who executes a block of a runbook: a drill, the walk through the runbooks, or nobody.

import type { Block } from '../../blocks/read-blocks.ts';
import type { Runbook } from '../../runbooks/runbook.ts';
import { blocksOf, type Drill } from '../drill.ts';
import { DRILLS } from '../drills.ts';
import type { Target } from '../stacks/stack.ts';
import { NOT_EXECUTED, type NotExecuted } from './not-executed.ts';

export type Placed = { readonly page: string; readonly part: string; readonly block: Block<Target> };
export type Executor = 'drill' | 'walk' | 'nobody';
/** What decides who executes a block. */
export type Plan = { readonly drills: readonly Drill[]; readonly notExecuted: readonly NotExecuted[] };

export const PLAN: Plan = { drills: DRILLS, notExecuted: NOT_EXECUTED };

const isFor = (target: Target, blocks: readonly Block<Target>[]) => (block: Block<Target>) =>
  block.on === target ||
  (block.on === undefined && blocks.every(({ name, on }) => name !== block.name || on !== target));

/** The blocks of a page that are for `target`, in the order of the page. */
export const blocksFor = ({ name: page, blocks, parts }: Runbook, target: Target): Placed[] =>
  blocks.filter(isFor(target, blocks)).map((block) => ({
    page,
    block,
    part: parts.findLast(({ line }) => line < block.line)?.heading ?? '',
  }));

const isDrilled = ({ page, block }: Placed, target: Target, drills: readonly Drill[]): boolean =>
  drills.some(
    (drill) =>
      drill.runbook === page &&
      !Object.hasOwn(drill.notOn ?? {}, target) &&
      blocksOf(drill, target).includes(block.name),
  );

const isLeftOut = ({ page, block }: Placed, target: Target, rows: readonly NotExecuted[]): boolean =>
  rows.some((row) => row.page === page && row.blocks.includes(block.name) && row.on.includes(target));

/** Blocks that a drill executes are in no row of what is not executed: a gate compares them. */
export const executorOf = (placed: Placed, target: Target, { drills, notExecuted }: Plan = PLAN): Executor => {
  if (isDrilled(placed, target, drills)) return 'drill';
  return isLeftOut(placed, target, notExecuted) ? 'nobody' : 'walk';
};

/** Where a page says to use an earlier block again: the page, the block before, the block. */
const AGAIN: readonly (readonly [string, string, string])[] = [['secret-leaked', 'change-password', 'write']];

/** The blocks in the order in which a page uses them. */
export const withRepeated = (blocks: readonly Placed[]): Placed[] =>
  blocks.flatMap((placed) => {
    const [, , again] = AGAIN.find(([page, before]) => page === placed.page && before === placed.block.name) ?? [];
    return [placed, ...blocks.filter(({ block }) => block.name === again)];
  });

/** What the walk executes: every block of the investigation, and with `actions` the others that no drill executes. */
export const blocksToWalk = (page: Runbook, target: Target, actions: boolean, plan = PLAN): Placed[] =>
  blocksFor(page, target).filter((placed) => {
    const executor = executorOf(placed, target, plan);
    if (placed.part === 'Investigation') return executor !== 'nobody';
    return actions && executor === 'walk';
  });
