// Each block of a runbook is executed by a drill or by the walk, or a row says why not.

import type { Runbook } from '../../../scripts/runbooks/runbook.ts';
import { ENVIRONMENT } from '../../../scripts/runbooks/environment.ts';
import { blocksFor, blocksToWalk, executorOf, type Executor, type Plan } from '../../../scripts/gameday/walk/blocks.ts';
import type { NotExecuted } from '../../../scripts/gameday/walk/not-executed.ts';
import { VALUES, namesIn } from '../../../scripts/gameday/walk/values.ts';
import { TARGETS, type Target } from '../../../scripts/gameday/stacks/stack.ts';
import { readScript } from './shell-commands.ts';

const SHELL = new Set(['HOME', 'PATH', 'FOLDER']);

type Row = NotExecuted & { readonly block: string; readonly target: Target };

const rowsOf = ({ notExecuted }: Plan): Row[] =>
  notExecuted.flatMap((row) => row.blocks.flatMap((block) => row.on.map((target) => ({ ...row, block, target }))));

const rowFault = ({ page: name, block, target, why }: Row, pages: readonly Runbook[], plan: Plan) => {
  const page = pages.find((one) => one.name === name);
  const placed = page && blocksFor(page, target).find((one) => one.block.name === block);
  if (placed === undefined) return 'there is no such block';
  if (executorOf(placed, target, plan) === 'drill') return 'a drill executes it: remove the row';
  const isSentence = why.endsWith('.') && why.split(' ').length > 2;
  return isSentence ? undefined : 'the reason must be a sentence';
};

/** Rows that name no block, or one that is executed. */
const rowFaults = (pages: readonly Runbook[], plan: Plan): string[] =>
  rowsOf(plan).flatMap((row) => {
    const fault = rowFault(row, pages, plan);
    return fault === undefined ? [] : [`${row.page} ${row.block} on ${row.target}: ${fault}`];
  });

const setBy = ({ blocks }: Runbook): string[] => blocks.flatMap(({ script }) => [...readScript(script).defined]);

/** Variables of blocks of the walk that nobody sets. */
const valueFaults = (page: Runbook, target: Target, plan: Plan): string[] => {
  const given = ENVIRONMENT.filter(({ targets }) => targets.includes(target)).map(({ name }) => name);
  const known = new Set([...given, ...SHELL, ...setBy(page), ...Object.keys(VALUES)]);
  return blocksToWalk(page, target, true, plan).flatMap(({ block: { name, script } }) =>
    namesIn([script])
      .filter((variable) => !known.has(variable))
      .map((variable) => `${page.name} ${name} on ${target}: nothing makes a value of ${variable}`),
  );
};

/** Values that no block needs. */
const unusedFaults = (pages: readonly Runbook[], plan: Plan): string[] => {
  const walked = pages.flatMap((page) => TARGETS.flatMap((target) => blocksToWalk(page, target, true, plan)));
  const used = new Set(namesIn(walked.map(({ block }) => block.script)));
  return Object.keys(VALUES).flatMap((name) => (used.has(name) ? [] : [`no block of the walk uses ${name}`]));
};

export const executionFaults = (pages: readonly Runbook[], plan: Plan): string[] => [
  ...rowFaults(pages, plan),
  ...pages.flatMap((page) => TARGETS.flatMap((target) => valueFaults(page, target, plan))),
  ...unusedFaults(pages, plan),
];

/** `local: 210 blocks, 120 by drills, 86 by the walk, 4 not executed` */
export const formatExecution = (pages: readonly Runbook[], target: Target, plan: Plan): string => {
  const executors = pages.flatMap((page) => blocksFor(page, target).map((placed) => executorOf(placed, target, plan)));
  const count = (executor: Executor): number => executors.filter((one) => one === executor).length;
  return `${target}: ${executors.length} blocks, ${count('drill')} by drills, ${count('walk')} by the walk, ${count('nobody')} not executed`;
};
