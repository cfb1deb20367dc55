// `fetch` that remembers what an operator needs to find a request again: when a journey fails, its list is printed. Bodies and tokens are
// not kept. Each request begins a trace of its own (https://www.w3.org/TR/trace-context/), so its id is known whatever the answer says.

import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

export type Exchange = {
  readonly method: string;
  readonly path: string;
  /** 0: no answer came. */
  readonly status: number;
  readonly traceId: string;
  /** As the service gave it; undefined when it does not say. */
  readonly requestId: string | undefined;
};

type Fetch = typeof globalThis.fetch;

const TIMEOUT_MS = 10_000;
/** One who is told to come later does so: a suite that is run again and again meets the limits on registering and signing in. */
const MAX_WAIT_SECONDS = 20;

/** Of the header, else of a problem document: without a tracer its `traceId` is the id of the request. */
const requestIdOf = async (response: Response, traceId: string): Promise<string | undefined> => {
  const header = response.headers.get('x-request-id');
  if (header !== null || response.headers.get('content-type')?.startsWith('application/problem+json') !== true) {
    return header ?? undefined;
  }
  const problem = (await response.clone().json()) as { traceId?: string };
  return problem.traceId === traceId ? undefined : problem.traceId;
};

/** The caller's own end, or ours when it is sooner. */
const soon = (signal: RequestInit['signal']): AbortSignal =>
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
      const response = await fetch(url, { ...init, headers, signal: soon(init.signal) });
      exchanges.push({ ...exchange, status: response.status, requestId: await requestIdOf(response, traceId) });
      return response;
    } catch (error) {
      exchanges.push({ ...exchange, status: 0, requestId: undefined });
      throw error;
    }
  };

  const patiently: Fetch = async (input, init) => {
    const response = await send(input, init);
    const seconds = Number(response.headers.get('retry-after') ?? Infinity);
    if (response.status !== 429 || seconds > MAX_WAIT_SECONDS) return response;
    await pause(seconds * 1000);
    return patiently(input, init);
  };

  return { fetch: patiently, exchanges };
};
