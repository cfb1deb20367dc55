// How long a server of this service waits for its clients: Fastify's options, and Node's below `http`.

type Timeouts = {
  /** A connection on which no byte moves, in either direction, is closed after this time, unless it waits for its next request. */
  readonly socketTimeoutMs: number;
  /** A connection that waits for its next request is closed after this time. */
  readonly keepAliveTimeoutMs: number;
  readonly headerLimitBytes: number;
};

/** For receiving a whole request; serving it is bounded by the deadline. */
const RECEIVE_TIMEOUT_MS = 10_000;

export const toServerTimeouts = ({ socketTimeoutMs, keepAliveTimeoutMs, headerLimitBytes }: Timeouts) => ({
  connectionTimeout: socketTimeoutMs,
  keepAliveTimeout: keepAliveTimeoutMs,
  requestTimeout: RECEIVE_TIMEOUT_MS,
  http: {
    maxHeaderSize: headerLimitBytes,
    headersTimeout: RECEIVE_TIMEOUT_MS,
    connectionsCheckingInterval: 1000,
  },
});
