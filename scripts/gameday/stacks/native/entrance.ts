// One address for all instances of the api, as a Service of Kubernetes is. It tries the next instance when one does not listen, and repeats nothing
// that an instance has received. Readiness does not matter: users see what a failing process answers.

import { once } from 'node:events';
import { Agent, createServer, request as call, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

const BAD_GATEWAY = 502;

const connectionRefused = (error: NodeJS.ErrnoException): boolean => error.code === 'ECONNREFUSED';

/** @param ports of the instances, read for each request */
export const startEntrance = async (ports: () => readonly number[]) => {
  const agent = new Agent();
  let turn = 0;

  const forward = (request: IncomingMessage, body: Buffer, response: ServerResponse, rest: readonly number[]): void => {
    const [port, ...others] = rest;
    if (port === undefined) {
      response.writeHead(BAD_GATEWAY).end();
      return;
    }
    const { method, url: path } = request;
    const headers = { ...request.headers, 'x-forwarded-for': request.socket.remoteAddress ?? '' };
    const fail = (error: NodeJS.ErrnoException): void => {
      if (response.headersSent) response.destroy();
      else if (connectionRefused(error)) forward(request, body, response, others);
      else response.writeHead(BAD_GATEWAY).end();
    };
    const sent = call({ host: '127.0.0.1', port, method, path, headers, agent }, (upstream) => {
      response.writeHead(upstream.statusCode ?? BAD_GATEWAY, upstream.headers);
      upstream.on('error', fail).pipe(response);
    });
    response.on('close', () => sent.destroy());
    sent.on('error', fail).end(body);
  };

  const server = createServer((request, response) => {
    turn += 1;
    const all = ports();
    const first = turn % Math.max(1, all.length);
    buffer(request as Readable).then(
      (body) => {
        forward(request, body, response, [...all.slice(first), ...all.slice(0, first)]);
      },
      () => response.destroy(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: (): void => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
};
