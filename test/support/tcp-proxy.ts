import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type TcpProxy = {
  readonly host: string;
  readonly port: number;
  /** Resets all connections, existing and new ones, at once. */
  down(): void;
  /** Black hole: connections are accepted and stay open, but no bytes are forwarded. */
  hang(): void;
  /** Forwards bytes again; earlier connections stay closed. */
  up(): void;
  /** New connections go to another server; existing ones stay where they are, as after a failover. */
  redirect(upstream: { host: string; port: number }): void;
  close(): Promise<void>;
};

/** A proxy between a client and a server, with which a test makes the server unavailable and available again. */
export const makeTcpProxy = async (
  upstream: { host: string; port: number },
  listenHost = '127.0.0.1',
): Promise<TcpProxy> => {
  let state: 'up' | 'down' | 'hanging' = 'up';
  let target = upstream;
  const sockets = new Set<Socket>();
  const track = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => socket.destroy()));
    return socket.once('close', () => sockets.delete(socket));
  };
  const resetAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const join = (client: Socket): void => {
    const server = track(connect(target));
    client.pipe(server).pipe(client);
    client.once('close', () => server.destroy());
    server.once('close', () => client.destroy());
  };
  const stopForwarding = (): void => {
    for (const socket of sockets) socket.unpipe().pause();
  };
  const listener = createServer((client) => {
    track(client);
    if (state === 'down') client.resetAndDestroy();
    else if (state === 'up') join(client);
  }).listen(0, listenHost);
  await once(listener, 'listening');

  return {
    host: listenHost,
    port: (listener.address() as AddressInfo).port,
    down: () => {
      state = 'down';
      resetAll();
    },
    hang: () => {
      state = 'hanging';
      stopForwarding();
    },
    up: () => {
      if (state === 'hanging') resetAll();
      state = 'up';
    },
    redirect: (other) => {
      target = other;
    },
    close: async () => {
      resetAll();
      listener.close();
      await once(listener, 'close');
    },
  };
};
