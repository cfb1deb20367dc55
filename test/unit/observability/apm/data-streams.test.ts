// Data Streams Monitoring in a real process, against a double of the agent.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startTraceAgent } from '../../../support/trace-agent.ts';

const root = join(import.meta.dirname, '../../../..');

/** Publishes to `orders` and consumes what it published; prints the header. */
const PROGRAM = `
  import { continueTrace, dataStreams } from '${root}/src/observability/trace-context.ts';
  const work = (kind) => ({ name: 'test', resource: 'test', kind, traceparent: undefined });
  const pathway = continueTrace(work('producer'), () => dataStreams.markProduced('orders'));
  for (const header of JSON.parse(process.env.HEADERS ?? 'null') ?? [pathway])
    continueTrace(work('consumer'), () => { dataStreams.markConsumed('orders', header); });
  console.log(JSON.stringify({ pathway: pathway ?? null }));
`;

const run = async (env: Record<string, string>) => {
  const agent = await startTraceAgent();
  const preload = join(root, 'src/observability/tracer.ts');
  const child = spawn(process.execPath, ['--import', preload, '--input-type=module', '--eval', PROGRAM], {
    cwd: root,
    env: { DD_TRACE_AGENT_URL: agent.url, ...env },
  });
  let stdout = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  const [code] = (await once(child, 'close')) as [number];
  agent.close();
  return { code, paths: agent.paths(), stats: agent.pathways(), ...(JSON.parse(stdout) as { pathway: string | null }) };
};

const ON = { DD_DATA_STREAMS_ENABLED: 'true' };
const countOf = (text: string, part: string): number => text.split(part).length - 1;

describe('data streams', () => {
  it('report both ends of the hop, and pass the pathway on as a header', async () => {
    const { pathway, stats } = await run(ON);
    expect(pathway).toMatch(/^[A-Za-z\d+/]{20,40}={0,2}$/);
    for (const text of ['direction:out', 'direction:in', 'type:kafka', 'topic:orders']) expect(stats).toContain(text);
  }, 20_000);

  it('are off by default: no header, no request', async () => {
    const { pathway, paths } = await run({});
    expect(pathway).toBeNull();
    expect(paths).not.toContain('/v0.1/pipeline_stats');
  }, 20_000);

  it('do not fail for what another producer wrote into the header', async () => {
    const bytes = (value: number, length: number) => Buffer.alloc(length, value).toString('base64');
    const headers = ['', 'x', '€', bytes(255, 20), bytes(0, 20), bytes(128, 180), 'A'.repeat(256)];
    const { code, stats } = await run({ ...ON, HEADERS: JSON.stringify(headers) });
    expect(code).toBe(0);
    expect(countOf(stats, 'direction:in')).toBeGreaterThan(0);
  }, 20_000);
});
