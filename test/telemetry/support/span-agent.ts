// A double of the Datadog agent that decodes what it receives: every span of a process, with its attributes.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeMessagePack } from './msgpack.ts';

export type Span = {
  readonly name: string;
  readonly resource: string;
  readonly service: string;
  /** The lower 64 bits of the ids, as 16 hex digits; log lines have 32. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  /** Attributes with text. */
  readonly meta: Readonly<Record<string, string>>;
  /** Attributes with a number. */
  readonly metrics: Readonly<Record<string, number>>;
};

type Id = number | bigint;
type Received = Omit<Span, 'traceId' | 'spanId' | 'parentId'> & {
  readonly trace_id: Id;
  readonly span_id: Id;
  readonly parent_id: Id;
};

const hex = (id: Id): string => id.toString(16).padStart(16, '0');

const toSpan = ({ name, resource, service, meta, metrics, ...ids }: Received): Span => ({
  ...{ name, resource, service, meta, metrics },
  traceId: hex(ids.trace_id),
  spanId: hex(ids.span_id),
  parentId: hex(ids.parent_id),
});

export const startSpanAgent = async () => {
  const spans: Span[] = [];
  const undecoded: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (bytes: Buffer) => chunks.push(bytes));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (request.url === '/v0.4/traces') spans.push(...(decodeMessagePack(body) as Received[][]).flat().map(toSpan));
      else if (request.url !== '/info') undecoded.push(request.url ?? '');
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    /** Paths of other requests: ways out of the process that are not compared. */
    undecoded,
    close: (): void => {
      server.close();
      server.closeAllConnections();
    },
  };
};

export type SpanAgent = Awaited<ReturnType<typeof startSpanAgent>>;
