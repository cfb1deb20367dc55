// A real HTTP server that answers as a test wants, also badly, and keeps what it was asked.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Reply = (response: ServerResponse, request: IncomingMessage) => void;
export type Asked = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
};

/** Gives one reply per request, the last of them for all that follow. */
export const startProvider = async (...replies: readonly [Reply, ...Reply[]]) => {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const { method = '', url = '', headers } = request;
      asked.push({ method, url, headers, body });
      (replies[asked.length - 1] ?? replies.at(-1))?.(response, request);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    asked,
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

export type Provider = Awaited<ReturnType<typeof startProvider>>;

export const answers =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
    response.end(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body));
  };

export const problem = (status: number, code: string, headers: Record<string, string> = {}): Reply =>
  answers(
    status,
    { type: `/problems/${code}`, title: 'No', status, code, traceId: 'abc' },
    { 'content-type': 'application/problem+json', ...headers },
  );

/** Takes the request and says nothing. */
export const hangs: Reply = () => undefined;

/** Ends the connection instead of answering. */
export const hangsUp: Reply = (response) => response.destroy();

/** Begins an answer and ends the connection. */
export const breaksOff: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"id":', () => response.destroy());
};

/** Begins an answer and leaves it at that. */
export const stalls: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"id":');
};
