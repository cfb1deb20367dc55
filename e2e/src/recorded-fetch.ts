// A `fetch` that records what an operator needs to find a request in the logs; when a journey fails, its requests are printed. Bodies and tokens
// are not recorded. Each request starts a new trace (https://www.w3.org/TR/trace-context/), so the trace id is known without a response:
// the service continues it for a caller that it trusts, else starts a trace of its own that links to it.

import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

export type Exchange = {
  readonly method: string;
  readonly path: string;
  /** 0 when there was no response. */
  readonly status: number;
  readonly traceId: string;
  /** From the response; undefined when it contains none. */
  readonly requestId: string | undefined;
};

type Fetch = typeof globalThis.fetch;

const TIMEOUT_MS = 10_000;
/** A longer Retry-After fails the journey. Repeated runs reach the rate limits of registration and login, so a 429 is retried. */
const MAX_RETRY_AFTER_SECONDS = 20;

/** From the header, or the `traceId` of a problem document: the request id, or the id of the trace that the service started. */
const requestIdOf = async (response: Response, traceId: string): Promise<string | undefined> => {
  const header = response.headers.get('x-request-id');
  if (header !== null || response.headers.get('content-type')?.startsWith('application/problem+json') !== true) {
    return header ?? undefined;
  }
  const problem = (await response.clone().json()) as { traceId?: string };
  return problem.traceId === traceId ? undefined : problem.traceId;
};

/** Aborts with the caller's signal or after the timeout, whichever is first. */
const withTimeout = (signal: RequestInit['signal']): AbortSignal =>
  AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])]);

export const makeRecordedFetch = () => {
  const exchanges: Exchange[] = [];

  const send: Fetch = async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const traceId = randomBytes(16).toString('hex');
    const headers = new Headers(init.headers);
    headers.set('traceparent', `00-${traceId}-${randomBytes(8).toString('hex')}-01`);
    const exchange = { method: init.method ?? 'GET', path: url.pathname, traceId };
    try {
      const response = await fetch(url, { ...init, headers, signal: withTimeout(init.signal) });
      exchanges.push({ ...exchange, status: response.status, requestId: await requestIdOf(response, traceId) });
      return response;
    } catch (error) {
      exchanges.push({ ...exchange, status: 0, requestId: undefined });
      throw error;
    }
  };

  const sendWithRetry: Fetch = async (input, init) => {
    const response = await send(input, init);
    const seconds = Number(response.headers.get('retry-after') ?? Infinity);
    if (response.status !== 429 || seconds > MAX_RETRY_AFTER_SECONDS) return response;
    await pause(seconds * 1000);
    return sendWithRetry(input, init);
  };

  return { fetch: sendWithRetry, exchanges };
};
