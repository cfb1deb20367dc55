// `kubectl port-forward` to the pods of a Service: which one a new connection uses, and which ones are not needed any more.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { env } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { variable } from '../../src/config/environment.ts';
import type { ReadyPods } from './ready-pods.ts';

const RETRY_MS = 250;

/** One `kubectl port-forward` to one pod. `open` is its port; it rejects with what kubectl says when that ends before. */
type Tunnel = {
  readonly pod: string;
  readonly open: Promise<number>;
  readonly child: ChildProcess;
  connections: number;
};

const openTunnel = (namespace: string, pod: string, port: number): Tunnel => {
  const args = ['port-forward', '--namespace', namespace, '--address', '127.0.0.1', `pod/${pod}`, `:${port}`];
  const child = spawn(variable(env, 'KUBECTL') ?? 'kubectl', args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  const open = new Promise<number>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const match = /127\.0\.0\.1:(\d+) ->/.exec(text);
      if (match !== null) resolve(Number(match[1]));
    });
    child.once('error', reject).once('close', () => {
      reject(new Error(said.trim().split('\n')[0]));
    });
  });
  open.catch(() => undefined); // awaited by the connections, if there are any
  return { pod, open, child, connections: 0 };
};

/** The tunnel for new connections. It changes when its pod is not ready any more; one that is not used any more is closed. */
export const makeTunnels = (namespace: string) => {
  const tunnels = new Set<Tunnel>();
  let current = Promise.withResolvers<Tunnel>();
  let used: Tunnel | undefined;
  let ready: ReadyPods = { pods: [], port: 0 };
  const closeUnused = (): void => {
    for (const tunnel of tunnels) if (tunnel !== used && tunnel.connections === 0) tunnel.child.kill();
  };
  const choose = (): void => {
    if (used !== undefined && tunnels.has(used) && ready.pods.includes(used.pod)) return;
    if (used !== undefined) current = Promise.withResolvers<Tunnel>();
    used = undefined;
    const [pod] = ready.pods;
    if (pod !== undefined) {
      const tunnel = openTunnel(namespace, pod, ready.port);
      tunnels.add(tunnel);
      used = tunnel;
      tunnel.child.once('close', () => {
        tunnels.delete(tunnel);
        if (tunnel === used) void pause(RETRY_MS).then(choose);
      });
      current.resolve(tunnel);
    }
    closeUnused();
  };
  return {
    onChange: (now: ReadyPods): void => {
      ready = now;
      choose();
    },
    current: () => current.promise,
    closeUnused,
    close: async (): Promise<void> => {
      ready = { pods: [], port: 0 };
      const all = [...tunnels].map(({ child }) => child);
      const ended = all.map((child) => once(child, 'close'));
      for (const child of all) child.kill();
      await Promise.all(ended);
    },
  };
};
