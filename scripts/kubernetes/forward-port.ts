// A port of this machine that leads to a ready pod of a Service, for as long as this process runs. `kubectl port-forward` stays with one pod until
// that is gone. Here a new connection goes to a pod that is ready, and waits while there is none; older connections stay with their pod.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { makeTunnels } from './pod-tunnels.ts';
import { watchReadyPods } from './ready-pods.ts';

const LONGEST_WAIT_MS = 30_000;
const MOST_PORTS_TRIED = 50;

type Forwarding = {
  readonly namespace: string;
  readonly service: string;
  /** Port of the Service. */
  readonly port: number;
  /** Wanted port of 127.0.0.1; the next free one is used when it is taken. Default: any free port. */
  readonly localPort?: number;
};

export type OpenPort = { readonly port: number; readonly url: string; readonly close: () => Promise<void> };

const listen = async (wanted: number, onConnection: (socket: Socket) => void): Promise<Server> => {
  for (let port = wanted; ; port += 1) {
    const server = createServer({ allowHalfOpen: true }, onConnection).listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return server;
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isTaken || wanted === 0 || port >= wanted + MOST_PORTS_TRIED) throw error;
    }
  }
};

/**
 * Resolves once a connection to the local port gets to a pod.
 * @throws Error when no pod of the Service is ready within half a minute
 */
export const forwardPort = async ({ namespace, service, port, localPort = 0 }: Forwarding): Promise<OpenPort> => {
  const tunnels = makeTunnels(namespace);
  const watch = await watchReadyPods({ namespace, service, port, onChange: tunnels.onChange });
  const sockets = new Set<Socket>();
  const keep = (socket: Socket, onClose: () => void): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      sockets.delete(socket);
      onClose();
    });
  };
  const join = async (client: Socket): Promise<void> => {
    let upstream: Socket | undefined;
    keep(client, () => upstream?.destroy());
    try {
      const tunnel = await Promise.race([tunnels.current(), pause(LONGEST_WAIT_MS, undefined, { ref: false })]);
      if (tunnel === undefined) throw new Error('no ready pod');
      upstream = connect({ port: await tunnel.open, host: '127.0.0.1', allowHalfOpen: true });
      tunnel.connections += 1;
      keep(upstream, () => {
        tunnel.connections -= 1;
        tunnels.closeUnused();
        client.destroy();
      });
      client.pipe(upstream).pipe(client);
    } catch {
      client.destroy();
    }
  };
  const close = async (): Promise<void> => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await watch.stop();
    await tunnels.close();
  };
  const server = await listen(localPort, (client) => void join(client));
  const opened = tunnels.current().then(({ open }) => open);
  const first = await Promise.race([opened, pause(LONGEST_WAIT_MS, undefined, { ref: false })]);
  if (first === undefined) {
    await close();
    throw new Error(`No pod of the Service ${service} became ready within ${LONGEST_WAIT_MS / 1000} s.`);
  }
  const { port: local } = server.address() as AddressInfo;
  return { port: local, url: `http://localhost:${local}`, close };
};
