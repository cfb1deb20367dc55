// A few drills on a real cluster, and the journey as a Job of its CronJob.

import { afterAll, beforeAll, expect, it } from 'vitest';

import { startLoad, type Load } from '../../scripts/gameday/load.ts';
import { LIMITS, runDrill } from '../../scripts/gameday/run-drill.ts';
import { findBlocks, openTerminal } from '../../scripts/gameday/runbook.ts';
import { makeScreen } from '../../scripts/gameday/screen.ts';
import { inNamespace } from '../../scripts/gameday/stacks/cluster/place.ts';
import { openerFor } from '../../scripts/gameday/stacks/open-stack.ts';
import type { OpenStack } from '../../scripts/gameday/stacks/stack.ts';
import { drillsNamed } from './some-drills.ts';

/** A server, a secret, a row. */
const DRILLS = drillsNamed('redis-down', 'secret-invalid', 'events-parked');

const opener = openerFor('kubectl');
if (typeof opener === 'string') process.stdout.write(`SKIPPED: drills on a cluster: ${opener}\n`);
const test = it.skipIf(typeof opener === 'string');

const screen = makeScreen();
const { signal } = new AbortController();
let open: OpenStack;

beforeAll(async () => {
  if (typeof opener !== 'string') open = await opener(screen.line);
});
afterAll(async () => {
  if (typeof opener !== 'string') await open.close();
});

/** Executes blocks of the page. @returns what the last one prints */
const follow = async (...names: readonly string[]): Promise<string> => {
  const terminal = openTerminal(open.stack.variables, open.stack.folder);
  let printed = '';
  try {
    for (const block of findBlocks('synthetic-journey-failed', names, 'kubectl'))
      printed = (await terminal.run(block, signal)).output;
  } finally {
    terminal.close();
  }
  return printed;
};

/** @param condition that the Job must reach */
const runJourney = async (condition: 'complete' | 'failed'): Promise<void> => {
  const [, job = ''] = /job\.batch\/(\S+) created/.exec(await follow('schedule', 'run-now')) ?? [];
  await inNamespace(['wait', `job/${job}`, `--for=condition=${condition}`, '--timeout=90s']);
};

test('the journey succeeds as a Job of its CronJob, and erases its user', async () => {
  await follow('resume');
  await runJourney('complete');
  expect(await follow('last-runs')).toMatch(/Complete +1\/1/);
  expect(await follow('left-over')).toMatch(/^ +0 \|/m);
});

test('the journey fails while no api runs', async () => {
  await open.stack.kill('api');
  try {
    await runJourney('failed');
    expect(await follow('last-runs')).toMatch(/Failed +0\/1/);
  } finally {
    await open.stack.start('api');
  }
});

test.each(DRILLS)('$name is detected, and its runbook ends it', async (drill) => {
  const load: Load = startLoad(open.stack.apiUrl);
  const { outcome, reason, detectMs, recoverMs } = await runDrill(drill, { open, load, screen, signal });
  load.end();
  expect(reason).toBeUndefined();
  expect(outcome).toBe('passed');
  expect(detectMs).toBeLessThan(LIMITS.alertMs);
  expect(recoverMs).toBeLessThan(LIMITS.drillMs);
});
