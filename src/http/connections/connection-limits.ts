// Limits how many connections there are, in all and from one address: a connection costs memory before its first request, which is what
// the other limits count.

import type { Server } from 'node:http';
import type { Socket } from 'node:net';

import { clientAddress, makeTrustProxy } from '../hooks/client-address.ts';

export type ConnectionLimits = {
  readonly maxConnections: number;
  /** IPv6: from one /64 network. */
  readonly maxConnectionsPerAddress: number;
  /** Addresses or CIDR blocks of proxies: they connect for many callers, so only `maxConnections` applies to them. */
  readonly trustProxy: readonly string[];
  /** Called for each connection above a limit: the place for a counter. */
  readonly onRefused?: () => void;
};

/** Connections above a limit are closed at once, without a response. */
export const limitConnections = (server: Server, limits: ConnectionLimits): void => {
  const isProxy = makeTrustProxy(limits.trustProxy) || (() => false);
  const counts = new Map<string, number>();
  const { onRefused = () => undefined } = limits;

  const release = (key: string): void => {
    const count = (counts.get(key) ?? 1) - 1;
    if (count === 0) counts.delete(key);
    else counts.set(key, count);
  };

  server.maxConnections = limits.maxConnections;
  server.on('drop', onRefused);
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket;
    if (isProxy(remoteAddress)) return;
    const key = clientAddress({ ip: remoteAddress });
    const count = counts.get(key) ?? 0;
    if (count >= limits.maxConnectionsPerAddress) {
      socket.destroy();
      onRefused();
      return;
    }
    counts.set(key, count + 1);
    socket.on('close', () => {
      release(key);
    });
  });
};
