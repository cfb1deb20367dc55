// Whose trace a request continues. Headers with trace context are input like any other: a stranger could choose the trace id that our logs,
// problem documents and events carry, force or prevent sampling, and put tags and baggage on our spans.
// So they are removed from every request before a tracer reads them, except from callers in networks that the configuration trusts.
// W3C Trace Context, section 6 (privacy and security): https://www.w3.org/TR/trace-context/#security-considerations

import { subscribe } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';

/** A span of another trace: 32 and 16 hex digits. */
export type ForeignSpan = { readonly traceId: string; readonly spanId: string };

/** Never accepted from anybody: the service uses no baggage, and a tracer passes it on to each dependency. */
const isBaggage = (name: string): boolean => name === 'baggage' || /^(?:ot-baggage|uberctx)-/.test(name);

const NAMES = new Set([
  'traceparent',
  'tracestate',
  'b3',
  'newrelic',
  'sentry-trace',
  'uber-trace-id',
  'grpc-trace-bin',
  'x-amzn-trace-id',
  'x-aws-sqsd-attr-_datadog',
  'x-cloud-trace-context',
]);
const PREFIXES = /^(?:x-datadog|x-b3|x-dd|dd|x-newrelic|ot-tracer)-/;

const isContext = (name: string): boolean => NAMES.has(name) || PREFIXES.test(name);

const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}(?:-|$)/;
const B3 = /^([\da-f]{16}|[\da-f]{32})-([\da-f]{16})(?:-|$)/;
const DECIMAL = /^\d{1,20}$/;
const ZEROS = /^0+$/;

const textOf = (header: string | string[] | undefined): string => (typeof header === 'string' ? header : '');
const span = (traceId = '', spanId = ''): ForeignSpan | undefined =>
  traceId === '' || ZEROS.test(traceId) || ZEROS.test(spanId)
    ? undefined
    : { traceId: traceId.padStart(32, '0'), spanId };

const toHex = (decimal: string): string => BigInt.asUintN(64, BigInt(decimal)).toString(16).padStart(16, '0');

/** Formats of W3C, Datadog and Zipkin (one header). A context in another format starts a new trace without a link. */
const foreignSpanOf = (headers: IncomingHttpHeaders): ForeignSpan | undefined => {
  const w3c = TRACEPARENT.exec(textOf(headers.traceparent));
  if (w3c !== null) return span(w3c[1], w3c[2]);
  const { 'x-datadog-trace-id': trace = '', 'x-datadog-parent-id': parent = '' } = headers;
  const [traceId, spanId] = [textOf(trace), textOf(parent)];
  if (DECIMAL.test(traceId) && DECIMAL.test(spanId)) return span(toHex(traceId), toHex(spanId));
  const b3 = B3.exec(textOf(headers.b3));
  return b3 === null ? undefined : span(b3[1], b3[2]);
};

const toBlockList = (networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
};

/** Must be called before the tracer is loaded or at least before the first request. */
export const guardIncomingContext = () => {
  let trusted = new BlockList();
  const links = new WeakMap<IncomingMessage, ForeignSpan>();

  const isTrusted = ({ socket: { remoteAddress: address = '' } }: IncomingMessage): boolean =>
    address !== '' && trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

  const guard = (request: IncomingMessage): void => {
    const { headers } = request;
    const names = Object.keys(headers);
    const context = names.filter(isContext);
    if (context.length > 0 && !isTrusted(request)) {
      const foreign = foreignSpanOf(headers);
      if (foreign !== undefined) links.set(request, foreign);
      for (const name of context) Reflect.deleteProperty(headers, name);
    }
    for (const name of names.filter(isBaggage)) Reflect.deleteProperty(headers, name);
  };

  // Node publishes it before the server emits `request`, which is where tracers read the headers.
  subscribe('http.server.request.start', (message) => {
    guard((message as { request: IncomingMessage }).request);
  });

  return {
    /** @param networks addresses or CIDR blocks of the peers whose trace context is continued */
    trust: (networks: readonly string[]): void => {
      trusted = toBlockList(networks);
    },
    /** The span of the caller whose trace context was removed, to link to it. */
    foreignSpanOf: (request: IncomingMessage): ForeignSpan | undefined => links.get(request),
  };
};

export type IncomingContext = ReturnType<typeof guardIncomingContext>;
