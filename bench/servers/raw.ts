// (1) The same response from node:http without a framework: node bench/servers/raw.ts <body>

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reportToParent } from './measured-child.ts';

const body = process.argv[2] ?? '';
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) };

const server = createServer((request, response) => {
  const found = request.method === 'GET' && request.url?.startsWith('/api/v1/users/');
  response.writeHead(found ? 200 : 404, headers).end(body);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
reportToParent((server.address() as AddressInfo).port);
