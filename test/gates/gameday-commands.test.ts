// The command lines of game days: what they say about input that makes no sense. Nothing is started.

import { spawnSync } from 'node:child_process';

import { expect, it } from 'vitest';

import { DRILLS } from '../../scripts/gameday/drills.ts';

const run = (script: string, args: readonly string[]) =>
  spawnSync(process.execPath, [`scripts/${script}.ts`, ...args], { encoding: 'utf8' });

it.each([
  ['an unknown drill', 'gameday', ['nowhere'], 'There is no drill "nowhere". Drills: '],
  ['no drill', 'gameday', [], 'Name a drill'],
  ['a drill beside --all', 'gameday', ['--all', 'redis-down'], 'Name drills, or use --all.'],
  ['--guided without a drill', 'gameday', ['--guided'], '--guided takes one drill.'],
  ['an unknown runbook', 'gameday', ['--walk', 'nowhere'], 'There is no runbook "nowhere". Runbooks: api-absent, '],
  ['--actions without --walk', 'gameday', ['--actions', 'redis-down'], '--actions belongs to --walk.'],
  ['--walk beside --all', 'gameday', ['--walk', '--all'], '--walk runs no drill.'],
  ['an unknown option', 'gameday', ['--fast'], "Unknown option '--fast'"],
  ['an unknown command', 'stack', ['explode'], '"explode" is unknown: ps, logs, start'],
  ['no command', 'stack', [], 'The command is missing: ps, logs, start'],
])('%s ends with exit code 64 and what exists', (_what, script, args, message) => {
  const { status, stderr } = run(script, args);
  expect([status, stderr]).toEqual([64, expect.stringContaining(message)]);
});

it('an unknown drill is answered with the names of all', () => {
  const { stderr } = run('gameday', ['nowhere']);
  expect(DRILLS.filter(({ name }) => !stderr.includes(name))).toEqual([]);
});

it('--list names each drill', () => {
  const { status, stdout } = run('gameday', ['--list']);
  expect([status, DRILLS.filter(({ name }) => !stdout.includes(name))]).toEqual([0, []]);
});

it('each drill has a name of its own', () => {
  expect(new Set(DRILLS.map(({ name }) => name)).size).toBe(DRILLS.length);
});
