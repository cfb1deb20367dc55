// A schema registry that answers as it is told, over real HTTP: what a real one does only on its worst days.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export const json =
  (status: number, body: unknown): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' }).end(JSON.stringify(body));
  };

/** Accepts and never answers. */
export const silence: Answer = () => undefined;

/** Begins an answer and breaks off. */
export const brokenOff: Answer = (response) => {
  response.writeHead(200, { 'content-length': '1000' }).write('{', () => response.destroy());
};

/** Begins an answer and never ends it. */
export const halfAnswer: Answer = (response) => {
  response.writeHead(200, { 'content-length': '1000' }).write('{');
};

/** Answers by `METHOD path`, the longest beginning that fits; 404 to the rest. `requests` is what came in. */
export const startFakeRegistry = async (answers: Record<string, Answer>) => {
  const requests: { readonly call: string; readonly authorization: string | undefined }[] = [];
  const table = new Map(Object.entries(answers));
  const server = createServer((request, response) => {
    const call = `${request.method ?? ''} ${request.url ?? ''}`;
    requests.push({ call, authorization: request.headers.authorization });
    const fitting = [...table.keys()].filter((start) => call.startsWith(start));
    const answer = table.get(fitting.toSorted((a, b) => b.length - a.length)[0] ?? '');
    (answer ?? json(404, { error_code: 40401, message: 'not found' }))(response, request);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (start: string, answer: Answer): void => {
      table.set(start, answer);
    },
    close: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

export type FakeRegistry = Awaited<ReturnType<typeof startFakeRegistry>>;
