import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** Only the last requests are kept: a run may send gigabytes. */
const KEPT_BODIES = 20;

/** Receives spans like a Datadog agent. `kept`: how many of the last requests are kept. */
export const startTraceAgent = async ({ kept = KEPT_BODIES } = {}) => {
  const bodies: Buffer[] = [];
  const pathways: Buffer[] = [];
  const paths = new Set<string>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    paths.add(request.url ?? '');
    request.on('data', (bytes: Buffer) => chunks.push(bytes));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (request.url === '/v0.1/pipeline_stats') pathways.push(gunzipSync(body));
      else bodies.push(body);
      if (bodies.length > kept) bodies.shift();
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const spans = (): Buffer => Buffer.concat(bodies);
  return {
    url: `http://127.0.0.1:${port}`,
    /** The bytes of the last requests. */
    spans,
    /** The paths of all requests: the channels of the tracer. */
    paths: (): string[] => [...paths],
    /** What Data Streams Monitoring has sent, in MessagePack: only texts are readable. */
    pathways: (): string => Buffer.concat(pathways).toString('latin1'),
    /** How often they contain a trace id of 32 hex digits; the protocol sends its lower 64 bits. */
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
