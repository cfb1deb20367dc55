import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';

import type { Api } from '../../../src/http/api.ts';

/** Sends raw bytes and returns all received bytes once the server has closed the connection. */
export const rawRequest = async (port: number, bytes: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let response = '';
  socket.on('data', (chunk: string) => (response += chunk));
  socket.on('error', () => undefined); // a reset ends the response like a close
  socket.write(bytes);
  await once(socket, 'close');
  return response;
};

export const listen = async (app: Pick<Api, 'listen' | 'server'>): Promise<number> => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
};

export const bodyOf = (response: string): unknown => JSON.parse(response.slice(response.indexOf('\r\n\r\n') + 4));
