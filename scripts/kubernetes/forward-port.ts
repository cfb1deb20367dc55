// A port of this machine that leads to a Service, for as long as this process runs. `kubectl port-forward` ends when its pod does: it is started
// again, and connections wait for it meanwhile.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { env } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { variable } from '../../src/config/environment.ts';

const RETRY_MS = 250;
const LONGEST_WAIT_MS = 30_000;

type Forwarding = {
  /** e.g. service/users-api */
  readonly target: string;
  readonly namespace: string;
  /** Port of the Service. */
  readonly port: number;
  /** Wanted port of 127.0.0.1; the next free one is used when it is taken. Default: any free port. */
  readonly localPort?: number;
};

export type OpenPort = { readonly port: number; readonly url: string; readonly close: () => Promise<void> };

/** Resolves with the port that kubectl listens on, or rejects with what it says when it ends before. */
const startKubectl = ({ target, namespace, port }: Forwarding): { child: ChildProcess; listening: Promise<number> } => {
  const args = ['port-forward', '--namespace', namespace, '--address', '127.0.0.1', target, `:${port}`];
  const child = spawn(variable(env, 'KUBECTL') ?? 'kubectl', args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  const listening = new Promise<number>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const match = /127\.0\.0\.1:(\d+) ->/.exec(text);
      if (match !== null) resolve(Number(match[1]));
    });
    child.once('error', reject);
    child.once('close', () => {
      reject(new Error(said.trim().split('\n')[0] ?? 'kubectl port-forward ended'));
    });
  });
  return { child, listening };
};

/** Keeps one `kubectl port-forward` running. `current` is its port; it waits while there is none. */
const keepForwarding = (forwarding: Forwarding) => {
  const end = new AbortController();
  let child: ChildProcess | undefined;
  let current = Promise.withResolvers<number>();
  let lastFailure = '';
  const loop = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const started = startKubectl(forwarding);
      child = started.child;
      const ended = once(child, 'close').catch(() => undefined);
      try {
        const port = await started.listening;
        current.resolve(port);
        await ended;
        current = Promise.withResolvers<number>();
      } catch (error) {
        lastFailure = (error as Error).message;
        await pause(RETRY_MS); // no ready pod yet
      }
    }
  };
  const stopped = loop();
  return {
    current: () => current.promise,
    lastFailure: () => lastFailure,
    stop: async (): Promise<void> => {
      end.abort();
      child?.kill();
      await stopped;
    },
  };
};

const listen = async (wanted: number, onConnection: (socket: Socket) => void) => {
  for (let port = wanted; ; port += 1) {
    const server = createServer({ allowHalfOpen: true }, onConnection).listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return { server, port: (server.address() as { port: number }).port };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || port >= wanted + 50) throw error;
    }
  }
};

/**
 * Resolves once the local port accepts connections and kubectl forwards.
 * @throws Error when no pod of the target is ready within half a minute
 */
export const forwardPort = async (forwarding: Forwarding): Promise<OpenPort> => {
  const backend = keepForwarding(forwarding);
  const sockets = new Set<Socket>();
  const join = async (client: Socket): Promise<void> => {
    sockets.add(client);
    client.on('error', () => client.destroy()).once('close', () => sockets.delete(client));
    const upstream = connect({ port: await backend.current(), host: '127.0.0.1', allowHalfOpen: true });
    sockets.add(upstream);
    upstream.on('error', () => client.destroy()).once('close', () => sockets.delete(upstream));
    client.once('close', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  };
  const { server, port } = await listen(forwarding.localPort ?? 0, (client) => void join(client));
  const close = async (): Promise<void> => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await backend.stop();
  };
  const late = pause(LONGEST_WAIT_MS, 'late' as const, { ref: false });
  if ((await Promise.race([backend.current(), late])) === 'late') {
    await close();
    throw new Error(
      `No pod of ${forwarding.target} became ready within ${LONGEST_WAIT_MS / 1000} s: ${backend.lastFailure()}`,
    );
  }
  return { port, url: `http://localhost:${port}`, close };
};
