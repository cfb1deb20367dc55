// What a shutdown waits for: only a process behind a load balancer has traffic to drain. And what its log says until then.

import { describe, expect, it } from 'vitest';
import { registerSchemas, startProcesses } from './support/processes.ts';

const DRAIN_MS = 4000;
const STARTS_WITHIN_MS = 60_000;
const env = { LIFECYCLE_DRAIN_DELAY_MS: String(DRAIN_MS), HTTP_HOST: '0.0.0.0' };

type Line = { readonly msg: string; readonly timestamp: string; readonly publicUrl?: string; readonly step?: string };

const linesOf = (output: string): Line[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line & { readonly log?: string })
    .filter(({ log }) => log !== 'audit');

/** From the signal to the first part that is closed. */
const drainedMs = (lines: readonly Line[]): number => {
  const at = (msg: string): number => Date.parse(lines.find((line) => line.msg === msg)?.timestamp ?? '');
  return at('closed') - at('shutting down');
};

describe('a process that ends', { timeout: 120_000 }, () => {
  it.each([
    ['api', 'api is listening', DRAIN_MS, DRAIN_MS * 2],
    ['relay', 'relay has started', 0, DRAIN_MS - 1],
    ['worker', 'worker has started', 0, DRAIN_MS - 1],
  ])('%s: drains only if it has traffic, and says when it is ready', async (role, started, atLeast, atMost) => {
    await registerSchemas();
    const [program] = await startProcesses({ env }, [role]);
    if (program === undefined) throw new Error('not started');
    await program.becomes(200, STARTS_WITHIN_MS);
    await program.prints(/process is ready/);
    program.kill('SIGTERM');
    expect(await program.exited, program.output.stdout).toBe(0);

    const lines = linesOf(program.output.stdout);
    expect(drainedMs(lines)).toBeGreaterThanOrEqual(atLeast);
    expect(drainedMs(lines)).toBeLessThanOrEqual(atMost);
    const said = lines.map(({ msg }) => msg).filter((msg) => msg === started || msg.startsWith('process is '));
    expect(said.slice(0, 2)).toEqual([started, 'process is ready']);
    const { publicUrl } = lines.find(({ msg }) => msg === started) ?? {};
    if (role === 'api') expect(publicUrl).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
  });
});
