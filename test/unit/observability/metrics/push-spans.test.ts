// A push of metrics is no trace: the preload ignores it, and only it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startDatadogIntake } from '../../../support/datadog-intake.ts';
import { startTraceAgent } from '../../../support/trace-agent.ts';

const root = join(import.meta.dirname, '../../../..');

it('has no span of a push, but of another request that the process makes', { timeout: 60_000 }, async () => {
  const [agent, intake] = [await startTraceAgent(), await startDatadogIntake()];
  const program = `
    import { flushTraces } from '${root}/src/observability/trace-context.ts';
    for (const path of ['/api/v2/series', '/api/v1/distribution_points', '/elsewhere'])
      await (await fetch('${intake.url}' + path, { method: 'POST', body: '{}' })).text();
    await flushTraces();
    process.exit(0);`;
  const preload = join(root, 'src/observability/tracer.ts');
  const child = spawn(process.execPath, ['--import', preload, '--input-type=module', '--eval', program], {
    cwd: root,
    env: { DD_TRACE_AGENT_URL: agent.url },
    stdio: 'ignore',
  });
  await once(child, 'exit');
  expect(intake.statuses).toEqual([403, 403, 404]);
  expect(
    agent
      .spans()
      .toString('latin1')
      .match(/http\.request/g),
  ).toHaveLength(1);
  agent.close();
  intake.close();
});
