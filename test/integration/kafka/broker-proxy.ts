import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';

import { makeTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

export type BrokerProxy = Pick<TcpProxy, 'down' | 'hang' | 'up' | 'close'> & {
  readonly brokers: readonly string[];
  /** The broker receives and executes every request, but no response comes back. `up` ends it, for new connections. */
  muteResponses(): void;
};

export type BrokerFault = 'down' | 'hang' | 'muteResponses';

/** Makes the broker behind the proxy unavailable: it resets connections, is a black hole, or loses only its responses. */
export const strike = (proxy: BrokerProxy, fault: BrokerFault): void => {
  if (fault === 'down') proxy.down();
  else if (fault === 'hang') proxy.hang();
  else proxy.muteResponses();
};

/** Replaces the port in the address of the broker with the port of the proxy; the length of the response does not change. */
const makeRewriter = (host: string, from: number, to: () => number): Transform => {
  const address = (port: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(port);
    return Buffer.concat([Buffer.from(host), bytes]);
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const wanted = address(from);
      for (let at = chunk.indexOf(wanted); at !== -1; at = chunk.indexOf(wanted, at + 1)) address(to()).copy(chunk, at);
      done(null, chunk);
    },
  });
};

/** A proxy that makes a broker unavailable. Clients get addresses from the broker, so its responses must have the address of the proxy. */
export const makeBrokerProxy = async (
  broker: { host: string; port: number },
  onRequest: (bytes: Buffer) => void = () => undefined,
): Promise<BrokerProxy> => {
  let muted = false;
  let port = 0;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => socket.destroy()));
    return socket.once('close', () => sockets.delete(socket));
  };
  const inner = createServer((client) => {
    const server = keep(connect(broker));
    const responses = makeRewriter(broker.host, broker.port, () => port);
    keep(client).on('data', onRequest).pipe(server).pipe(responses);
    responses.on('data', (chunk) => {
      if (!muted) client.write(chunk as Buffer);
    });
    client.once('close', () => server.destroy());
    server.once('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(inner, 'listening');
  // at the address of the broker: a broker in a container may have another address than 127.0.0.1
  const outer = await makeTcpProxy({ host: '127.0.0.1', port: (inner.address() as AddressInfo).port }, broker.host);
  ({ port } = outer);

  return {
    brokers: [`${broker.host}:${port}`],
    down: outer.down,
    hang: outer.hang,
    muteResponses: () => {
      muted = true;
    },
    up: () => {
      if (muted) for (const socket of sockets) socket.destroy();
      muted = false;
      outer.up();
    },
    close: async () => {
      await outer.close();
      for (const socket of sockets) socket.destroy();
      inner.close();
    },
  };
};
