// One process behind the load balancer, from its start to its end, with its exit code, last log line and last span.

import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProgram } from '../../support/child-process.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { startTraceAgent, type TraceAgent } from '../../support/trace-agent.ts';
import type { LoadBalancer } from './load-balancer.ts';

const HERE = join(import.meta.dirname, '../../..');

/** The same program is started repeatedly: the compile cache leaves more CPU to the serving processes. */
const COMPILE_CACHE = join(tmpdir(), 'user-service-compile-cache');

/** The default of Kubernetes: a process that has not ended by then is killed. */
const GRACE_MS = 30_000;

export type Life = {
  /** null: killed. */
  readonly exitCode: number | null;
  readonly tookMs: number;
  /** Whether the last line is that of the last close step. */
  readonly hasLastLine: boolean;
  /** Whether the agent has the trace of the last logged request. */
  readonly hasLastSpan: boolean;
};

type Line = { readonly step?: string; readonly route?: string; readonly 'dd.trace_id'?: string };

const toLife = (lines: readonly string[], agent: TraceAgent): Pick<Life, 'hasLastLine' | 'hasLastSpan'> => {
  const parsed = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line);
  const last = parsed.at(-1);
  const traceId = parsed.findLast(({ route }) => route !== undefined)?.['dd.trace_id'];
  return {
    hasLastLine: last?.step === 'logs',
    hasLastSpan: traceId !== undefined && agent.countTrace(traceId) > 0,
  };
};

/**
 * A traced api, ready and in rotation when the promise resolves.
 * @param root of the release; default: this one
 */
export const startReplica = async (balancer: LoadBalancer, env: Readonly<Record<string, string>>, root = HERE) => {
  const agent = await startTraceAgent();
  const [port, managementPort] = [await freePort(), await freePort()];
  const program = startProgram('api', {
    root,
    execArgv: ['--import', join(root, 'src/observability/tracer.ts')],
    env: {
      ...env,
      LOG_LEVEL: 'info',
      DD_TRACE_ENABLED: 'true',
      DD_TRACE_AGENT_URL: agent.url,
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      HTTP_PORT: String(port),
      HTTP_MANAGEMENT_PORT: String(managementPort),
    },
  });
  const backend = { port, managementUrl: `http://127.0.0.1:${managementPort}` };
  balancer.add(backend);
  await eventually(
    () => {
      if (!balancer.serves(backend)) throw new Error(`The api is not ready: ${program.output.stdout.slice(-2000)}`);
    },
    { deadlineMs: 60_000 },
  ).catch((error: unknown) => {
    program.kill('SIGKILL');
    throw error;
  });

  return {
    ports: [port, managementPort],
    /** Sends the signal, and SIGKILL when the grace period is over. */
    end: async (signal: NodeJS.Signals): Promise<Life> => {
      const start = performance.now();
      const killTimer = setTimeout(() => program.kill('SIGKILL'), GRACE_MS);
      program.kill(signal);
      const exitCode = await program.exited;
      clearTimeout(killTimer);
      balancer.remove(backend);
      const tookMs = Math.round(performance.now() - start);
      const life = { exitCode, tookMs, ...toLife(program.output.stdout.split('\n').slice(-500), agent) };
      agent.close();
      return life;
    },
  };
};

export type Replica = Awaited<ReturnType<typeof startReplica>>;
