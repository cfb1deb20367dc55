// A few drills on a real system, and the proof that a drill can fail.

import { rmSync } from 'node:fs';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { drill as redisDown } from '../../scripts/gameday/drills/stores/redis-down.ts';
import { startLoad, type Load } from '../../scripts/gameday/load.ts';
import { openerFor } from '../../scripts/gameday/stacks/open-stack.ts';
import type { OpenStack } from '../../scripts/gameday/stacks/stack.ts';
import { LIMITS, runDrill } from '../../scripts/gameday/run-drill.ts';
import { makeScreen } from '../../scripts/gameday/screen.ts';
import { walkPages } from '../../scripts/gameday/walk/walk.ts';
import { readRunbook } from '../../scripts/runbooks/runbook.ts';
import { loadRunbook } from '../../scripts/runbooks/runbooks.ts';
import { SOME_DRILLS, withBrokenStep } from './some-drills.ts';

const opener = openerFor('local');
if (typeof opener === 'string') process.stdout.write(`SKIPPED: drills: ${opener}\n`);
const test = it.skipIf(typeof opener === 'string');

const screen = makeScreen();
const { signal } = new AbortController();
let open: OpenStack;
let load: Load;

beforeAll(async () => {
  if (typeof opener === 'string') return;
  open = await opener(screen.line);
  load = startLoad(open.stack.apiUrl);
});
afterAll(async () => {
  if (typeof opener === 'string') return;
  load.end();
  await open.close();
});

test.for(SOME_DRILLS)('$name is detected, and its runbook ends it', async (drill, { skip }) => {
  const { outcome, reason, detectMs, recoverMs } = await runDrill(drill, { open, load, screen, signal });
  if (outcome === 'skipped') skip(reason);
  expect(reason).toBeUndefined();
  expect(outcome).toBe('passed');
  expect(detectMs).toBeLessThan(LIMITS.alertMs);
  expect(recoverMs).toBeLessThan(LIMITS.drillMs);
});

test('a drill whose runbook has a step that does nothing fails', async () => {
  const runbooks = withBrokenStep('redis-down', 'npm run --silent stack -- start redis');
  const limits = { ...LIMITS, recoveryMs: 10_000 };
  const drill = { ...redisDown, blocks: ['start-redis'] };
  const { outcome, reason } = await runDrill(drill, { open, load, screen, signal, runbooks, limits });
  rmSync(runbooks, { recursive: true });
  expect(outcome).toBe('failed');
  expect(reason).toBe('No recovery within 10 s: the alert DependencyDown still fires');
});

test('an alert that does not fire fails the drill with the current values of its query', async () => {
  const drill = { ...redisDown, labels: { dependency: 'nothing' } };
  const limits = { ...LIMITS, alertMs: 8000 };
  const { outcome, reason } = await runDrill(drill, { open, load, screen, signal, limits });
  expect(outcome).toBe('failed');
  expect(reason).toContain('The alert DependencyDown does not fire within 8 s.');
  expect(reason).toMatch(/expr \(for 15 s\): min by \(dependency\) \(dependency_up\{.*\}\) == 0/);
  expect(reason).toMatch(/\{dependency="redis"\} = 0/);
  expect(reason).toMatch(/dependency_up\{.*dependency="postgres".*\} = 1/);
  expect(reason).toMatch(/worker 127\.0\.0\.1:\d+ up/);
});

const walk = async (pages: Parameters<typeof walkPages>[0], actions: boolean) => {
  const lines: string[] = [];
  const line = (text: string): void => {
    screen.line(text);
    lines.push(text);
  };
  return { ...(await walkPages(pages, { stack: open.stack, load, actions, line, signal })), lines };
};

test('the walk executes the blocks of pages in their order, with values that exist', async () => {
  const pages = [loadRunbook('data-erasure-request'), loadRunbook('traffic-spike')];
  const { passed, failed, skipped, lines } = await walk(pages, true);
  expect([passed, failed, skipped]).toEqual([9, 0, 0]);
  const names = lines.map((line) => line.split(' ok ')[0]);
  expect(names.slice(0, 4)).toEqual(
    ['find', 'left', 'erase', 'consumers'].map((name) => `data-erasure-request: ${name}`),
  );
  const users = await open.stack.sql("SELECT id FROM users WHERE username LIKE 'w%' AND erased_at IS NULL");
  expect(users).toEqual([]);
});

test('a block that fails is counted, and the walk goes on', async () => {
  const { name, text } = loadRunbook('redis-down');
  const page = readRunbook(name, text.replace("redis PING || echo 'Redis does not answer.'", 'redis PONG'));
  const { passed, failed, skipped, lines } = await walk([page], false);
  expect([passed, failed, skipped]).toEqual([2, 1, 3]);
  expect(lines[1]).toMatch(/^redis-down: FAILED block redis-answers: exit code 1: .*unknown command/);
  expect(lines[3]).toMatch(/^redis-down: what-processes-say ok \d/);
});
