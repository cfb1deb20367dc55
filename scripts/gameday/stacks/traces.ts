// A double of the Datadog agent: it keeps the last spans, so that a drill can show what belongs to a log line.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import { decodeMessagePack } from '../../../test/telemetry/support/msgpack.ts';
import type { Span } from './stack.ts';

type Id = number | bigint;
type Received = {
  readonly trace_id: Id;
  readonly service: string;
  readonly name: string;
  readonly resource: string;
  /** Nanoseconds. */
  readonly duration: Id;
  readonly error: number;
};
type Kept = Span & { readonly traceId: string };

const KEPT = 20_000;
const NANOSECONDS = 1_000_000;

const toSpan = ({ trace_id: id, service, name, resource, duration, error }: Received): Kept => ({
  ...{ service, name, resource },
  traceId: id.toString(16).padStart(16, '0'),
  ms: Math.round(Number(duration) / NANOSECONDS),
  failed: error !== 0,
});

const LOOPBACK = '127.0.0.1';

const listen = async (server: Server, host: string): Promise<number> => {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

/** @param host an address of this machine; where it has none such, the loopback interface */
export const startTraces = async (host = LOOPBACK) => {
  let spans: Kept[] = [];
  const server = createServer((request, response) => {
    buffer(request).then(
      (body) => {
        if (request.url === '/v0.4/traces')
          spans = [...spans, ...(decodeMessagePack(body) as Received[][]).flat().map(toSpan)].slice(-KEPT);
        response.end('{}');
      },
      () => response.destroy(),
    );
  });
  const port = await listen(server, host).catch(() => listen(server, LOOPBACK));
  return {
    port,
    url: `http://${LOOPBACK}:${port}`,
    /** @param traceId 32 hex digits, as in log lines: agents receive the lower half */
    spansOf: (traceId: string): readonly Span[] => spans.filter((span) => span.traceId === traceId.slice(-16)),
    close: (): void => {
      server.close();
      server.closeAllConnections();
    },
  };
};

export type Traces = Awaited<ReturnType<typeof startTraces>>;
