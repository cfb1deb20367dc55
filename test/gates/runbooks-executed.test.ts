// No block of a runbook was never executed, unless a row says why.

import { describe, expect, it } from 'vitest';

import { TARGETS } from '../../scripts/gameday/stacks/stack.ts';
import { blocksToWalk, PLAN, type Plan } from '../../scripts/gameday/walk/blocks.ts';
import { readRunbook, type Runbook } from '../../scripts/runbooks/runbook.ts';
import { loadRunbook, runbookNames } from '../../scripts/runbooks/runbooks.ts';
import { executionFaults, formatExecution } from './runbooks/executed.ts';

const pages = runbookNames().map(loadRunbook);
const pageOf = (name: string): Runbook => loadRunbook(name);
const [drill] = PLAN.drills.filter(({ name }) => name === 'redis-down');

const withRow = (row: Partial<Plan['notExecuted'][number]>): Plan => ({
  ...PLAN,
  notExecuted: [
    ...PLAN.notExecuted,
    { page: 'unhandled-rejections', blocks: ['log'], on: ['local'], why: 'It is a plant.', ...row },
  ],
});

it('each block is executed, or a row says why not', () => {
  expect(executionFaults(pages, PLAN)).toEqual([]);
});

it.each(TARGETS)('%s: the executors are counted', (target) => {
  const counts = formatExecution(pages, target, PLAN);
  process.stdout.write(`${counts}\n`);
  expect(counts).toMatch(/^\w+: \d{3} blocks, \d{2,3} by drills, \d{2,3} by the walk, \d+ not executed$/);
});

describe('is found:', () => {
  it.each([
    ['a row without a page', { page: 'nowhere' }, 'nowhere log on local: there is no such block'],
    ['a row without a block', { blocks: ['gone'] }, 'unhandled-rejections gone on local: there is no such block'],
    [
      'a row of another target',
      { page: 'synthetic-journey-failed', blocks: ['schedule'] },
      'schedule on local: there is',
    ],
    ['a row of a drill', { page: 'redis-down', blocks: ['start-redis'] }, 'redis-down start-redis on local: a drill'],
    ['a row without a reason', { why: 'later' }, 'unhandled-rejections log on local: the reason must be a sentence'],
  ])('%s', (_what, row, fault) => {
    expect(executionFaults(pages, withRow(row)).join('\n')).toContain(fault);
  });

  it('a block whose variable has no value', () => {
    const { name, text } = pageOf('unhandled-rejections');
    const changed = readRunbook(name, text.replace('--lines 3\n', '--lines "$COUNT_OF_LINES"\n'));
    expect(executionFaults([...pages, changed], PLAN)).toEqual([
      'unhandled-rejections log on local: nothing makes a value of COUNT_OF_LINES',
    ]);
  });

  it('a value that no block needs', () => {
    expect(executionFaults([], PLAN)).toContain('no block of the walk uses USER_ID');
  });
});

describe('the walk executes', () => {
  const names = (actions: boolean, plan = PLAN): string[] =>
    blocksToWalk(pageOf('redis-down'), 'local', actions, plan).map(({ block }) => block.name);

  it('each block of the investigation, and with actions those that no drill executes', () => {
    expect(names(false)).toEqual(['which-dependency', 'redis-answers', 'what-processes-say']);
    expect(names(true)).toEqual([...names(false), 'can-postgres-carry-it']);
  });

  it('the actions of a drill that does not run there', () => {
    const elsewhere = {
      ...PLAN,
      drills: drill === undefined ? [] : [{ ...drill, notOn: { local: 'It is a plant.' } }],
    };
    expect(names(true, elsewhere)).toContain('start-redis');
  });

  it('nothing that a row names', () => {
    const plan = withRow({ page: 'redis-down', blocks: ['what-processes-say'] });
    expect(names(false, plan)).not.toContain('what-processes-say');
  });
});
