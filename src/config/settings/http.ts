import { isIP } from 'node:net';
import { Type } from 'typebox';
import { flag, integer, list, text } from '../setting.ts';

/** An IP address or a CIDR block: `10.0.0.0/8`, `fd00::/8`. */
const isAddressBlock = (item: string): boolean => {
  const [address = '', bits, ...rest] = item.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
};

export const http = Type.Object(
  {
    host: text('HTTP_HOST', { default: '0.0.0.0', description: 'Address that the public server listens on.' }),
    port: integer('HTTP_PORT', {
      default: 8080,
      minimum: 0,
      maximum: 65_535,
      description: 'Port of the public server. 0: any free port.',
    }),
    trustProxy: list('HTTP_TRUST_PROXY', {
      expected: 'comma-separated IP addresses or CIDR blocks',
      isItem: isAddressBlock,
      description:
        'Proxies whose X-Forwarded-For header is trusted, as IP addresses or CIDR blocks. Empty: none, the peer is the client.',
    }),
    requestTimeoutMs: integer('HTTP_REQUEST_TIMEOUT_MS', {
      default: 2000,
      minimum: 100,
      maximum: 60_000,
      description: 'Request timeout. A request that takes longer gets 503.',
    }),
    bodyLimitBytes: integer('HTTP_BODY_LIMIT_BYTES', {
      default: 16_384,
      minimum: 1024,
      maximum: 1_048_576,
      description: 'Maximum size of a request body. A larger one gets 413.',
    }),
    headerLimitBytes: integer('HTTP_HEADER_LIMIT_BYTES', {
      default: 8192,
      minimum: 2048,
      maximum: 65_536,
      description: 'Maximum size of all request headers together. Larger ones get 431.',
    }),
    keepAliveTimeoutMs: integer('HTTP_KEEP_ALIVE_TIMEOUT_MS', {
      default: 65_000,
      minimum: 1000,
      maximum: 1_200_000,
      description:
        'Connections that wait for their next request are closed after this time. Keep it above the idle timeout of the load balancer.',
    }),
    socketTimeoutMs: integer('HTTP_SOCKET_TIMEOUT_MS', {
      default: 30_000,
      minimum: 1000,
      maximum: 600_000,
      description:
        'Other connections are closed after this time without a byte in either direction: their client sends nothing, or does not read.',
    }),
    maxConnections: integer('HTTP_MAX_CONNECTIONS', {
      default: 2000,
      minimum: 1,
      maximum: 1_000_000,
      description: 'Maximum number of connections. Further ones are closed at once.',
    }),
    maxConnectionsPerAddress: integer('HTTP_MAX_CONNECTIONS_PER_ADDRESS', {
      default: 200,
      minimum: 1,
      maximum: 1_000_000,
      description: 'Maximum number of connections from one address that is not in HTTP_TRUST_PROXY.',
    }),
    docs: flag('HTTP_DOCS', {
      default: true,
      description: 'Whether the API document (/openapi.json) and the page that shows it (/docs) are served.',
    }),
    rateLimitPerSecond: integer('HTTP_RATE_LIMIT_PER_SECOND', {
      default: 100,
      minimum: 1,
      maximum: 1_000_000,
      description: 'Requests per second allowed from one client address.',
    }),
    rateLimitBurst: integer('HTTP_RATE_LIMIT_BURST', {
      default: 200,
      minimum: 1,
      maximum: 1_000_000,
      description: 'Burst: requests allowed from one client address at once.',
    }),
    maxEventLoopDelayMs: integer('HTTP_MAX_EVENT_LOOP_DELAY_MS', {
      default: 500,
      minimum: 0,
      maximum: 60_000,
      description:
        'Requests are rejected with 503 while the mean delay of the event loop is at least this. 0: no limit.',
    }),
    maxEventLoopUtilizationPercent: integer('HTTP_MAX_EVENT_LOOP_UTILIZATION_PERCENT', {
      default: 0,
      minimum: 0,
      maximum: 100,
      description:
        'Requests are rejected with 503 while the event loop is busy for at least this share of time. 0: no limit.',
    }),
    strictLimitPerMinute: integer('HTTP_STRICT_LIMIT_PER_MINUTE', {
      default: 10,
      minimum: 1,
      maximum: 1_000_000,
      description: 'Logins, registrations and token requests per minute allowed from one client address.',
    }),
  },
  { description: 'The public HTTP server: address, limits and timeouts.' },
);

export const management = Type.Object(
  {
    host: text('HTTP_MANAGEMENT_HOST', {
      default: '0.0.0.0',
      description: 'Address that the management server (health, metrics, info) listens on.',
    }),
    port: integer('HTTP_MANAGEMENT_PORT', {
      default: 8081,
      minimum: 0,
      maximum: 65_535,
      description: 'Port of the management server. Do not expose it publicly. 0: any free port.',
    }),
  },
  { description: 'The HTTP server for probes and metrics. Every long-running process has one.' },
);
