import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type TcpProxy = {
  readonly host: string;
  readonly port: number;
  /** Refuses new connections in effect: every connection, old or new, is reset at once. */
  down(): void;
  /** Black hole: connections are accepted and stay open, and no byte passes either way. */
  hang(): void;
  /** Passes bytes again; connections of the time before stay dead. */
  up(): void;
  close(): Promise<void>;
};

/** Stands between a client and a server so that a test can take the server away and give it back. */
export const makeTcpProxy = async (
  upstream: { host: string; port: number },
  listenHost = '127.0.0.1',
): Promise<TcpProxy> => {
  let state: 'up' | 'down' | 'hanging' = 'up';
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => socket.destroy()));
    return socket.once('close', () => sockets.delete(socket));
  };
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const join = (client: Socket): void => {
    const server = keep(connect(upstream));
    client.pipe(server).pipe(client);
    client.once('close', () => server.destroy());
    server.once('close', () => client.destroy());
  };
  const stopPassing = (): void => {
    for (const socket of sockets) socket.unpipe().pause();
  };
  const listener = createServer((client) => {
    keep(client);
    if (state === 'down') client.resetAndDestroy();
    else if (state === 'up') join(client);
  }).listen(0, listenHost);
  await once(listener, 'listening');

  return {
    host: listenHost,
    port: (listener.address() as AddressInfo).port,
    down: () => {
      state = 'down';
      cut();
    },
    hang: () => {
      state = 'hanging';
      stopPassing();
    },
    up: () => {
      if (state === 'hanging') cut();
      state = 'up';
    },
    close: async () => {
      cut();
      listener.close();
      await once(listener, 'close');
    },
  };
};
