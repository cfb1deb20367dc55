import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';

import type { Api } from '../../../src/http/api.ts';

/** Not `once`, which rejects when the connection is reset. */
const untilClosed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.on('close', () => {
      resolve();
    });
  });

/** Sends raw bytes and returns all received bytes once the server has closed the connection. */
export const rawRequest = async (port: number, bytes: string | Uint8Array): Promise<string> => {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let response = '';
  socket.on('data', (chunk: string) => (response += chunk));
  socket.on('error', () => undefined); // a reset ends the response like a close
  socket.write(bytes);
  await untilClosed(socket);
  return response;
};

export const listen = async (app: Pick<Api, 'listen' | 'server'>): Promise<number> => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
};

export const bodyOf = (response: string): unknown => JSON.parse(response.slice(response.indexOf('\r\n\r\n') + 4));

/** A connection to 127.0.0.1 that sends `bytes`, and reads nothing until `read` is called. Its own address is one of 127.0.0.0/8. */
export const openSocket = async (port: number, bytes = '', localAddress = '127.0.0.1') => {
  const start = performance.now();
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  socket.on('error', () => undefined); // a reset is a close
  const closed = untilClosed(socket).then(() => performance.now() - start);
  await Promise.race([once(socket, 'connect').catch(() => undefined), closed]);
  socket.write(bytes);
  let received = 0;
  return {
    socket,
    /** The time from the connection to its end, in milliseconds; reset and end count alike. */
    closed,
    received: () => received,
    /** Without it the end of a connection is not seen, because its bytes come first. */
    read: () => socket.on('data', (chunk) => (received += chunk.length)).resume(),
  };
};
