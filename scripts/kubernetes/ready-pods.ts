// Which pods of a Service are ready, as the cluster says at every moment.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { env } from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { variable } from '../../src/config/environment.ts';
import { kubectl } from './run.ts';

const RETRY_MS = 500;

/** One line per change: the ready pods, then the ports of the pods. A pod that is being deleted is not ready. */
const FIELDS =
  '{range .endpoints[?(@.conditions.ready==true)]}{.targetRef.name} {end}|{range .ports[*]}{.name}={.port} {end}{"\\n"}';

export type ReadyPods = { readonly pods: readonly string[]; readonly port: number };

type Watched = {
  readonly namespace: string;
  readonly service: string;
  /** Port of the Service. */
  readonly port: number;
  readonly onChange: (ready: ReadyPods) => void;
};

const portNameOf = async ({ namespace, service, port }: Watched): Promise<string> => {
  const text = await kubectl(['get', 'service', service, '--namespace', namespace, '--output', 'json']);
  const { spec } = JSON.parse(text) as { spec: { ports: { port: number; name?: string }[] } };
  const found = spec.ports.find((entry) => entry.port === port);
  if (found === undefined) throw new Error(`Service ${service} has no port ${port}.`);
  return found.name ?? '';
};

const parse = (line: string, portName: string): ReadyPods | undefined => {
  const [pods = '', ports = ''] = line.split('|');
  const entry = ports.split(' ').find((text) => text.startsWith(`${portName}=`));
  if (entry === undefined) return undefined;
  return { pods: pods.split(' ').filter((pod) => pod !== ''), port: Number(entry.slice(portName.length + 1)) };
};

const startWatch = ({ namespace, service }: Watched): ChildProcess & { stdout: NodeJS.ReadableStream } => {
  const labels = `kubernetes.io/service-name=${service}`;
  const what = ['get', 'endpointslices', '--namespace', namespace, '--selector', labels];
  const args = [...what, '--watch', '--output', `jsonpath=${FIELDS}`];
  return spawn(variable(env, 'KUBECTL') ?? 'kubectl', args, { stdio: ['ignore', 'pipe', 'ignore'], env });
};

/**
 * Watches the EndpointSlices of a Service until `stop`. A watch that ends is started again.
 * @throws Error when there is no such Service, or it has no such port
 */
export const watchReadyPods = async (watched: Watched): Promise<{ stop: () => Promise<void> }> => {
  const portName = await portNameOf(watched);
  const end = new AbortController();
  let child: ChildProcess | undefined;
  const loop = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const started = startWatch(watched);
      child = started;
      const ended = once(started, 'close').catch(() => undefined);
      createInterface({ input: started.stdout }).on('line', (line) => {
        const ready = parse(line, portName);
        if (ready !== undefined) watched.onChange(ready);
      });
      await ended;
      await pause(RETRY_MS, undefined, { signal: end.signal }).catch(() => undefined);
    }
  };
  const stopped = loop();
  return {
    stop: async () => {
      end.abort();
      child?.kill();
      await stopped;
    },
  };
};
