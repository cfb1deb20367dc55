// A real HTTP server that responds as a test defines, including malformed responses, and records its requests.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Responder = (response: ServerResponse, request: IncomingMessage) => void;
export type ReceivedRequest = {
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

/** Uses one responder per request; the last one serves all further requests. */
export const startProvider = async (...responders: readonly [Responder, ...Responder[]]) => {
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const { method = '', url = '', headers } = request;
      requests.push({ method, url, headers, body });
      (responders[requests.length - 1] ?? responders.at(-1))?.(response, request);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    requests,
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

export type Provider = Awaited<ReturnType<typeof startProvider>>;

export const responds =
  (status: number, body: unknown, headers: Record<string, string> = {}): Responder =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
    response.end(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body));
  };

export const problem = (status: number, code: string, headers: Record<string, string> = {}): Responder =>
  responds(
    status,
    { type: `/problems/${code}`, title: 'No', status, code, traceId: 'abc' },
    { 'content-type': 'application/problem+json', ...headers },
  );

/** Accepts the request and sends no response. */
export const neverResponds: Responder = () => undefined;

/** Closes the connection without a response. */
export const closesConnection: Responder = (response) => response.destroy();

/** Closes the connection in the middle of a response. */
export const closesMidResponse: Responder = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"id":', () => response.destroy());
};

/** Sends the beginning of a response and nothing more. */
export const stallsMidResponse: Responder = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"id":');
};
