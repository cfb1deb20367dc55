// A few drills on Docker Compose: a killed server, a bad release that git takes back, a lock in PostgreSQL, unreadable messages. And what is left afterwards.

import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { drill as redisDown } from '../../scripts/gameday/drills/stores/redis-down.ts';
import { startLoad, type Load } from '../../scripts/gameday/load.ts';
import { LIMITS, runDrill } from '../../scripts/gameday/run-drill.ts';
import { makeScreen } from '../../scripts/gameday/screen.ts';
import { PROJECT } from '../../scripts/gameday/stacks/compose/settings.ts';
import { openerFor } from '../../scripts/gameday/stacks/open-stack.ts';
import type { OpenStack } from '../../scripts/gameday/stacks/stack.ts';
import { leftOf } from '../support/compose-project.ts';
import { drillsNamed, withBrokenStep } from './some-drills.ts';

const DRILLS = drillsNamed('redis-down', 'bad-deploy', 'pool-waiting', 'dead-letters');

const opener = openerFor('compose');
if (typeof opener === 'string') process.stdout.write(`SKIPPED: drills on Compose: ${opener}\n`);
const test = it.skipIf(typeof opener === 'string');

const screen = makeScreen();
const { signal } = new AbortController();
let open: OpenStack | undefined;
let load: Load | undefined;

const running = (): { open: OpenStack; load: Load } => {
  if (open === undefined || load === undefined) throw new Error('There is no stack.');
  return { open, load };
};
const closeAll = async (): Promise<void> => {
  load?.end();
  await open?.close();
  open = undefined;
};
const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).trim(); // eslint-disable-line sonarjs/no-os-command-from-path -- runs on a developer's machine and in CI

beforeAll(async () => {
  if (typeof opener === 'string') return;
  open = await opener(screen.line);
  load = startLoad(open.stack.apiUrl);
});
afterAll(closeAll);

test('a second stack is refused while one is running', async () => {
  if (typeof opener === 'string') return;
  await expect(opener(screen.line)).rejects.toThrow(
    `A stack of Docker Compose is running already: process ${process.pid}.`,
  );
  expect((await fetch(`${running().open.stack.apiUrl}/.well-known/jwks.json`)).status).toBe(200);
});

test('a drill whose runbook has a step that does nothing fails', async () => {
  const runbooks = withBrokenStep('redis-down', 'docker compose up --wait redis');
  const limits = { ...LIMITS, recoveryMs: 10_000 };
  const drill = { ...redisDown, blocks: ['start-redis'] };
  const { outcome, reason } = await runDrill(drill, { ...running(), screen, signal, runbooks, limits });
  rmSync(runbooks, { recursive: true });
  expect(outcome).toBe('failed');
  expect(reason).toBe('No recovery within 10 s: the alert DependencyDown still fires');
});

test.each(DRILLS)('$name is detected, and its runbook ends it', async (drill) => {
  const { outcome, reason, detectMs, recoverMs } = await runDrill(drill, { ...running(), screen, signal });
  expect(reason).toBeUndefined();
  expect(outcome).toBe('passed');
  expect(detectMs).toBeLessThan(LIMITS.alertMs);
  expect(recoverMs).toBeLessThan(LIMITS.drillMs);
});

test('the runbook went back to the good commit of the clone, and this repository is as before', () => {
  const { folder, variables } = running().open.stack;
  expect(git(folder, 'rev-parse', 'HEAD')).toBe(variables.GOOD_COMMIT);
  expect(git(join(import.meta.dirname, '../..'), 'log', '-1', '--format=%an')).not.toBe('gameday');
});

test('nothing of the stack is left', async () => {
  expect(await leftOf(PROJECT)).not.toEqual([]);
  await closeAll();
  expect(await leftOf(PROJECT)).toEqual([]);
});
