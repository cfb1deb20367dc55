import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';

import type { Api } from '../../../src/http/api.ts';

/** Sends bytes as they are and gives everything that came back until the server closed the connection. */
export const rawRequest = async (port: number, bytes: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let answer = '';
  socket.on('data', (chunk: string) => (answer += chunk));
  socket.on('error', () => undefined); // a reset ends the answer as a close does
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
};

export const listen = async (app: Pick<Api, 'listen' | 'server'>): Promise<number> => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
};

export const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
