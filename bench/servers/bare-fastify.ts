// (2) The same response from a Fastify route without hooks, plugins or schemas: node bench/servers/bare-fastify.ts <body>

import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { reportToParent } from './measured-child.ts';

const body = process.argv[2] ?? '';
const app = Fastify();
app.get('/api/v1/users/:id', (_request, reply) => reply.type('application/json; charset=utf-8').send(body));
await app.listen({ host: '127.0.0.1', port: 0 });
reportToParent((app.server.address() as AddressInfo).port);
