import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Of what a process sent last, so much is kept: a run may send gigabytes. */
const KEPT_BODIES = 20;

/** Takes spans as a Datadog agent does. */
export const startTraceAgent = async () => {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (bytes: Buffer) => chunks.push(bytes));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks));
      if (bodies.length > KEPT_BODIES) bodies.shift();
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const spans = (): Buffer => Buffer.concat(bodies);
  return {
    url: `http://127.0.0.1:${port}`,
    /** The bytes that came last. */
    spans,
    /** How often a trace of 32 hex digits is in them; on the wire ids have 64 bits. */
    countTrace: (traceId: string): number =>
      spans()
        .toString('latin1')
        .split(Buffer.from(traceId.slice(16), 'hex').toString('latin1')).length - 1,
    close: (): void => {
      server.close();
      server.closeAllConnections();
    },
  };
};

export type TraceAgent = Awaited<ReturnType<typeof startTraceAgent>>;
