// The command lines of game days: what they say about input that makes no sense. Nothing is started.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

import { expect, it } from 'vitest';

import { DRILLS } from '../../scripts/gameday/drills.ts';

const run = (script: string, args: readonly string[], variables = env) =>
  spawnSync(process.execPath, [`scripts/${script}.ts`, ...args], { encoding: 'utf8', env: variables });

it.each([
  ['an unknown drill', 'gameday', ['nowhere'], 'There is no drill "nowhere". Drills: '],
  ['no drill', 'gameday', [], 'Name a drill'],
  ['a drill beside --all', 'gameday', ['--all', 'redis-down'], 'Name drills, or use --all.'],
  ['--guided without a drill', 'gameday', ['--guided'], '--guided takes one drill.'],
  [
    'an unknown runbook',
    'gameday',
    ['--walk', 'nowhere'],
    'There is no runbook "nowhere". Runbooks: age-key, api-absent, ',
  ],
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

it('without Docker a drill on Compose is skipped, with the reason', () => {
  const path = mkdtempSync(join(tmpdir(), 'no-docker-'));
  writeFileSync(join(path, 'bash'), '#!/bin/sh\necho "$2 is not running" >&2\nexit 1\n', { mode: 0o755 }); // instead of .ci/engine
  const variables = { PATH: path, PROMETHEUS: '/usr/bin/prometheus', PROMTOOL: '/usr/bin/promtool' };
  const args = ['scripts/gameday.ts', '--on', 'compose', 'redis-down'];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env: variables });
  rmSync(path, { recursive: true });
  const skipped = 'SKIPPED redis-down: needs Docker with compose: docker is not running';
  expect([status, stdout]).toEqual([0, `${skipped}\n0 passed, 0 failed, 1 skipped\n`]);
});

/** A PATH with nothing but what .ci/engine needs. */
const barePath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  for (const name of ['bash', 'dirname', 'mkdir'])
    symlinkSync(
      ['/usr/bin', '/bin'].map((place) => join(place, name)).find((path) => existsSync(path)) ?? '',
      join(folder, name),
    );
  return folder;
};

it('on a cluster without the programs, a drill is skipped and says which are missing', () => {
  const variables = { PATH: barePath(), KUBECONFIG: '/nowhere' };
  const { status, stdout } = run('gameday', ['--on', 'kubectl', 'redis-down'], variables);
  rmSync(variables.PATH, { recursive: true });
  expect(status).toBe(0);
  expect(stdout).toContain('SKIPPED redis-down: needs kubectl, helm, docker, psql on PATH');
  expect(stdout).toContain('0 passed, 0 failed, 1 skipped');
});

it('on a cluster that does not exist, nothing is skipped: the run fails', () => {
  const variables = { ...env, KUBECONFIG: '/nowhere', PROMETHEUS: 'prometheus', PROMTOOL: 'promtool' };
  const { status, stdout, stderr } = run('gameday', ['--on', 'kubectl', 'redis-down'], variables);
  const isSkipped = stdout.includes('SKIPPED redis-down: needs'); // of a machine without the programs
  expect([status, stderr]).toEqual(isSkipped ? [0, ''] : [1, expect.stringContaining('a file that does not exist')]);
});

it('each drill has a name of its own', () => {
  expect(new Set(DRILLS.map(({ name }) => name)).size).toBe(DRILLS.length);
});
