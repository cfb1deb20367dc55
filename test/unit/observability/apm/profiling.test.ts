// Continuous profiling in a real process: to files, which need no account, and to a double of the agent.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../../support/eventually.ts';
import { startTraceAgent } from '../../../support/trace-agent.ts';

const root = join(import.meta.dirname, '../../../..');

/** Serves requests, each with some work, until it is told to stop. */
const PROGRAM = `
  import { createServer } from 'node:http';
  import { once } from 'node:events';
  const busyFunction = () => { for (let i = 0, x = 0; i < 2e7; i += 1) x += i; };
  const server = createServer((request, response) => { busyFunction(); response.end(); }).listen(0);
  await once(server, 'listening');
  const ask = async () => {
    await (await fetch('http://localhost:' + server.address().port + '/c4n4ry-path?token=c4n4ry-query')).text();
    setTimeout(ask, 20);
  };
  await ask();
  process.once('SIGTERM', () => process.exit(0));
`;

const start = (env: Record<string, string>) => {
  const preload = join(root, 'src/observability/tracer.ts');
  const child = spawn(process.execPath, ['--import', preload, '--input-type=module', '--eval', PROGRAM], {
    cwd: mkdtempSync(join(tmpdir(), 'profiling-')),
    env: { DD_TRACE_AGENT_URL: 'http://localhost:9', DD_PROFILING_UPLOAD_PERIOD: '1', ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const closed = once(child, 'close');
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
      return output;
    },
  };
};

const inflate = (bytes: Buffer): Buffer => (bytes[0] === 0x1f ? gunzipSync(bytes) : zstdDecompressSync(bytes));

describe('profiling', { timeout: 30_000 }, () => {
  it('writes pprof files without an agent or an account, with functions and no URLs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pprof-'));
    const files = (kind: string) => readdirSync(folder).filter((name) => name.startsWith(`profile-${kind}`));
    const program = start({
      DD_PROFILING_ENABLED: 'true',
      DD_PROFILING_EXPORTERS: 'file',
      DD_PROFILING_PPROF_PREFIX: join(folder, 'profile-'),
    });
    const profiles = (kind: string): string =>
      files(kind)
        .map((name) => inflate(readFileSync(join(folder, name))).toString('latin1'))
        .join('');
    await eventually(
      () => {
        expect(profiles('wall')).toContain('busyFunction');
        expect(files('space')).not.toEqual([]);
      },
      { deadlineMs: 15_000 },
    );
    expect(await program.stop()).toBe('');
    expect(`${profiles('wall')}${profiles('space')}`).not.toContain('c4n4ry');
  });

  it('sends to the agent with one setting, and no more than profiles', async () => {
    const agent = await startTraceAgent();
    const program = start({ DD_TRACE_AGENT_URL: agent.url, DD_PROFILING_ENABLED: 'true' });
    await eventually(
      () => {
        expect(agent.paths()).toContain('/profiling/v1/input');
      },
      { deadlineMs: 15_000 },
    );
    await program.stop();
    agent.close();
    expect(agent.spans().toString('latin1')).not.toContain('c4n4ry');
    expect(agent.paths().filter((path) => !['/v0.4/traces', '/profiling/v1/input'].includes(path))).toEqual([]);
  });

  it('is off by default', async () => {
    const agent = await startTraceAgent();
    const program = start({ DD_TRACE_AGENT_URL: agent.url });
    await eventually(
      () => {
        expect(agent.paths()).toContain('/v0.4/traces');
      },
      { deadlineMs: 15_000 },
    );
    await program.stop();
    agent.close();
    expect(agent.paths()).toEqual(['/v0.4/traces']);
  });
});
