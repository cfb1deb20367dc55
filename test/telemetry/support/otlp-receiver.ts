// Receives traces as OTLP over HTTP with JSON, as Jaeger does. https://opentelemetry.io/docs/specs/otlp/#otlphttp

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type OtlpSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
};
type Request = {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[] }[];
};

export const startOtlpReceiver = async () => {
  const spans: OtlpSpan[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(body) as Request;
      for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1/traces`,
    /** The operations of a trace. */
    operations: (traceId: string): string[] =>
      spans
        .filter((span) => span.traceId === traceId)
        .map(
          ({ name, attributes }) => attributes.find(({ key }) => key === 'operation.name')?.value.stringValue ?? name,
        ),
    close: (): void => {
      server.close();
      server.closeAllConnections();
    },
  };
};
