// The two synthetic journeys, that of the chart and that of Datadog, against three processes on real servers: they succeed, erase their user, and fail
// at the right step.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { Definition } from '../../../scripts/synthetics/definition.ts';
import { runSyntheticTest } from '../../support/run-synthetic-test.ts';
import { openPool, registerSchemas, startProcesses } from './support/processes.ts';

const root = join(import.meta.dirname, '../../..');
const [definition] = JSON.parse(readFileSync(join(root, 'observability/datadog/synthetics.json'), 'utf8')) as [
  Definition,
];

type Line = {
  msg: string;
  steps: Record<string, number>;
  failures: { step: string; error: string }[];
  left: string[];
};

/** As the CronJob runs it. */
const runJourney = async (url: string): Promise<{ code: number | null; line: Line }> => {
  const args = [join(root, 'helm/user-service/files/journey.mts'), url, '2'];
  const child = spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  expect(output.trim().split('\n')).toHaveLength(1);
  return { code, line: JSON.parse(output) as Line };
};

const usersLeft = async (): Promise<number> => {
  const pool = openPool();
  const { rows } = await pool.query<{ left: number }>(
    "SELECT count(*)::int AS left FROM users WHERE username LIKE 'journey-%'",
  );
  await pool.end();
  return rows[0]?.left ?? -1;
};

const STEPS = ['register', 'log in', 'place order', 'confirmation', 'erase'];
const start = async (roles: readonly string[]): Promise<string> => {
  await registerSchemas();
  const programs = await startProcesses({ env: { HTTP_STRICT_LIMIT_PER_MINUTE: '1000' } }, roles);
  await Promise.all(programs.map(({ becomes }) => becomes(200)));
  return programs[0]?.url ?? '';
};

describe('the synthetic journeys', { timeout: 120_000 }, () => {
  it('succeed and leave no user behind', async () => {
    const url = await start(['api', 'relay', 'worker']);

    const { code, line } = await runJourney(url);
    expect(line).toMatchObject({ msg: 'journey succeeded', failures: [], left: [] });
    expect(Object.keys(line.steps)).toEqual(STEPS);
    expect(code).toBe(0);

    const results = await runSyntheticTest(definition, url);
    expect(results.flatMap(({ failures }) => failures)).toEqual([]);
    expect(results.map(({ name }) => name)).toEqual(definition.config.steps.map(({ name }) => name));
    expect(await usersLeft()).toBe(0);
  });

  it('fail at the confirmation when no worker decides orders, and erase their user all the same', async () => {
    const url = await start(['api', 'relay']);

    const { code, line } = await runJourney(url);
    expect(line.failures.map(({ step }) => step)).toEqual(['confirmation']);
    expect(line.failures[0]?.error).toContain('the order is still pending');
    expect(code).toBe(1);

    const failed = (await runSyntheticTest(definition, url)).filter(({ failures }) => failures.length > 0);
    expect(failed).toEqual([{ name: 'confirmation', failures: ['$.status is placed, not confirmed'] }]);
    expect(definition.config.steps.find(({ name }) => name === 'confirmation')).toMatchObject({ isCritical: true });
    expect(await usersLeft()).toBe(0);
  });

  it('fail at the first step when nothing answers, and name the user that may be left', async () => {
    const { code, line } = await runJourney('http://127.0.0.1:1');
    expect(line).toMatchObject({ msg: 'journey failed', failures: [{ step: 'register' }] });
    expect(line.left).toEqual([expect.stringMatching(/^journey-/)]);
    expect(code).toBe(1);

    const results = await runSyntheticTest(definition, 'http://127.0.0.1:1');
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({ name: 'register', failures: [expect.stringContaining('fetch failed')] });
  });

  it('name one runbook, and the handle of the primary', () => {
    expect(definition.message).toMatch(
      /runbooks\/synthetic-journey-failed\.md[^]*SEV2: primary[^]*@pagerduty-users-primary$/,
    );
  });
});
