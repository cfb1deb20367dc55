import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';

import { makeTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

export type BrokerProxy = Pick<TcpProxy, 'down' | 'hang' | 'up' | 'close'> & {
  readonly brokers: readonly string[];
  /** The broker gets every request and does what it says, and no answer comes back. `up` ends it, for new connections. */
  muteAnswers(): void;
};

export type BrokerFault = 'down' | 'hang' | 'muteAnswers';

/** Takes the broker behind the proxy away: it refuses, it is a black hole, or only its answers get lost. */
export const strike = (proxy: BrokerProxy, fault: BrokerFault): void => {
  if (fault === 'down') proxy.down();
  else if (fault === 'hang') proxy.hang();
  else proxy.muteAnswers();
};

/** Where a broker tells its own address, the port becomes the one of the proxy: the length of the answer stays. */
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

/** A broker that can be taken away and given back. Clients learn addresses from the broker, so it has to tell the one of the proxy. */
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
    const answers = makeRewriter(broker.host, broker.port, () => port);
    keep(client).on('data', onRequest).pipe(server).pipe(answers);
    answers.on('data', (chunk) => {
      if (!muted) client.write(chunk as Buffer);
    });
    client.once('close', () => server.destroy());
    server.once('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(inner, 'listening');
  // where the broker says it is: a container's broker may be on another address of this machine
  const outer = await makeTcpProxy({ host: '127.0.0.1', port: (inner.address() as AddressInfo).port }, broker.host);
  ({ port } = outer);

  return {
    brokers: [`${broker.host}:${port}`],
    down: outer.down,
    hang: outer.hang,
    muteAnswers: () => {
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
