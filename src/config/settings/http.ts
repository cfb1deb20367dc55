import { isIP } from 'node:net';
import { Type } from 'typebox';
import { CodedError } from '../../errors/coded-error.ts';
import { flag, host, integer, list, optionalSecret, text } from '../setting.ts';

const MAPPED_IPV4 = /^::ffff:/i;

/** Wider blocks hold clients, too: whoever trusts those believes any address that they claim. */
const leastBits = (address: string): number => {
  if (isIP(address) === 4) return 8;
  return MAPPED_IPV4.test(address) ? 104 : 7;
};

/** An IP address or a CIDR block: `10.0.0.0/16`, `fd00::/48`. */
const isAddressBlock = (item: string): boolean => {
  const [address = '', bits, ...rest] = item.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) >= leastBits(address) && Number(bits) <= (version === 4 ? 32 : 128);
};

export const http = Type.Object(
  {
    host: host('HTTP_HOST', { default: '0.0.0.0', description: 'Address that the public server listens on.' }),
    port: integer('HTTP_PORT', {
      default: 8080,
      minimum: 0,
      maximum: 65_535,
      description: 'Port of the public server. 0: any free port.',
    }),
    trustProxy: list('HTTP_TRUST_PROXY', {
      expected: 'comma-separated IP addresses or CIDR blocks, not wider than /8 (IPv4) or /7 (IPv6)',
      isItem: isAddressBlock,
      description:
        'Proxies whose X-Forwarded-For header is trusted, as IP addresses or CIDR blocks. Empty: none, the peer is the client. ' +
        'Name the proxies only: a client inside of a trusted block chooses the address under which it is limited, see docs/limits.md.',
    }),
    trustTraceContext: list('HTTP_TRUST_TRACE_CONTEXT', {
      expected: 'comma-separated IP addresses or CIDR blocks',
      isItem: isAddressBlock,
      description:
        'Peers whose trace context is continued, as IP addresses or CIDR blocks. Not the ingress, which forwards the headers of strangers. Empty: none, a request starts a new trace that links to the one of its caller.',
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
      description:
        'Requests per second allowed from one client address (IPv6: from a /64; 4 times as many from its /56, 16 times from its /48).',
    }),
    rateLimitBurst: integer('HTTP_RATE_LIMIT_BURST', {
      default: 200,
      minimum: 1,
      maximum: 1_000_000,
      description: 'Burst: requests allowed from one client address at once; for the networks of IPv6 as above.',
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
      description:
        'Failed sign-ins and registrations per minute allowed from one client address. The other strict limits are multiples of it, see docs/limits.md.',
    }),
  },
  { description: 'The public HTTP server: address, limits and timeouts.' },
);

const OPERATOR_TOKEN = /^[!-~]{32,256}$/;

/** @throws CodedError without content of the text */
const parseOperatorToken = (token: string): string => {
  if (OPERATOR_TOKEN.test(token)) return token;
  throw new CodedError('SECRET_INVALID', 'must be 32 to 256 printable ASCII characters without spaces');
};

export const management = Type.Object(
  {
    host: host('HTTP_MANAGEMENT_HOST', {
      default: '0.0.0.0',
      description: 'Address that the management server (health, metrics, info) listens on.',
    }),
    port: integer('HTTP_MANAGEMENT_PORT', {
      default: 8081,
      minimum: 0,
      maximum: 65_535,
      description: 'Port of the management server. Do not expose it publicly. 0: any free port.',
    }),
    token: optionalSecret('HTTP_MANAGEMENT_TOKEN', {
      parse: parseOperatorToken,
      description:
        'Token of operators for the handles of the management server, see docs/management.md: 32 to 256 characters. Without it the handles do not exist.',
    }),
    diagnosticsDir: text('HTTP_MANAGEMENT_DIAGNOSTICS_DIR', {
      default: '',
      description:
        'Folder for CPU profiles and heap snapshots. Empty: `user-service-diagnostics` in the folder for temporary files.',
    }),
  },
  { description: 'The HTTP server for probes and metrics. Every long-running process has one.' },
);
