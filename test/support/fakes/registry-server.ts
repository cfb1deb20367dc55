// A fake schema registry over real HTTP with configurable responses, for failures that a real one can't be made to show.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Respond = (response: ServerResponse, request: IncomingMessage) => void;

export const json =
  (status: number, body: unknown): Respond =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' }).end(JSON.stringify(body));
  };

/** Accepts a request and never responds. */
export const neverResponds: Respond = () => undefined;

/** Starts a response and breaks off. */
export const breaksOff: Respond = (response) => {
  response.writeHead(200, { 'content-length': '1000' }).write('{', () => response.destroy());
};

/** Starts a response and never ends it. */
export const neverEnds: Respond = (response) => {
  response.writeHead(200, { 'content-length': '1000' }).write('{');
};

/** Responds by `METHOD path`, longest matching prefix first, else 404. `requests` are the received ones. */
export const startFakeRegistry = async (responses: Record<string, Respond>) => {
  const requests: { readonly call: string; readonly authorization: string | undefined }[] = [];
  const table = new Map(Object.entries(responses));
  const server = createServer((request, response) => {
    const call = `${request.method ?? ''} ${request.url ?? ''}`;
    requests.push({ call, authorization: request.headers.authorization });
    const matching = [...table.keys()].filter((prefix) => call.startsWith(prefix));
    const respond = table.get(matching.toSorted((a, b) => b.length - a.length)[0] ?? '');
    (respond ?? json(404, { error_code: 40401, message: 'not found' }))(response, request);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    respond: (prefix: string, respond: Respond): void => {
      table.set(prefix, respond);
    },
    close: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

export type FakeRegistry = Awaited<ReturnType<typeof startFakeRegistry>>;
