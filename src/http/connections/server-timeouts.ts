// How long a server of this service waits for its clients: Fastify's options, and Node's below `http`.

type Timeouts = {
  /** A connection that waits for its next request is closed after this time. */
  readonly keepAliveTimeoutMs: number;
  readonly headerLimitBytes: number;
};

/** For receiving a whole request; serving it is bounded by the deadline. */
const RECEIVE_TIMEOUT_MS = 10_000;

export const toServerTimeouts = ({ keepAliveTimeoutMs, headerLimitBytes }: Timeouts) => ({
  keepAliveTimeout: keepAliveTimeoutMs,
  requestTimeout: RECEIVE_TIMEOUT_MS,
  http: {
    maxHeaderSize: headerLimitBytes,
    headersTimeout: RECEIVE_TIMEOUT_MS,
    connectionsCheckingInterval: 1000,
  },
});
