// The client of Datadog's intake of metrics: one request per body, and what its answer means.
// https://docs.datadoghq.com/api/latest/metrics/submit-metrics/

import { codeOf } from '../../errors/coded-error.ts';
import type { Body } from './datadog-bodies.ts';

export type Outcome =
  | 'accepted'
  /** The body has to be split. */
  | 'too-large'
  /** At least one of its series is not valid. */
  | 'invalid'
  /** The key or the address is wrong: another attempt can't succeed. */
  | 'refused'
  /** Down, slow or over its limit: later. */
  | 'unavailable';

export type Answer = {
  readonly outcome: Outcome;
  /** A constant: never text of a response. */
  readonly reason: string;
  /** What the intake asks for. */
  readonly retryInMs?: number | undefined;
};

type Options = {
  /** `https://api.datadoghq.eu`, without a slash at the end. */
  readonly url: string;
  readonly key: () => string;
  readonly timeoutMs: number;
};

/** Nobody waits longer than this, whatever a header says. */
const LONGEST_WAIT_MS = 600_000;
const LONGEST_ANSWER = 65_536;

const OUTCOMES: ReadonlyMap<number, Outcome> = new Map([
  [400, 'invalid'],
  [408, 'unavailable'],
  [413, 'too-large'],
  [429, 'unavailable'],
]);

const outcomeOf = ({ ok, status }: Response): Outcome => {
  if (ok) return 'accepted';
  return OUTCOMES.get(status) ?? (status >= 500 ? 'unavailable' : 'refused');
};

/** Seconds, or a date (RFC 9110, section 10.2.3); Datadog says in `X-RateLimit-Reset` when the limit ends. */
const waitOf = ({ headers }: Response): number | undefined => {
  const text = headers.get('retry-after') ?? headers.get('x-ratelimit-reset');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_WAIT_MS);
};

/** Reads the answer to its end, so that the connection can be used again; an answer that is too long ends the connection. */
const discard = async ({ body }: Response): Promise<void> => {
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > LONGEST_ANSWER) break;
  }
};

/** The message of an error may quote the key, so it is never used. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'network error';
  if (error.name === 'TimeoutError') return 'timeout';
  return codeOf(error.cause) ?? 'network error';
};

export const makeDatadogIntake = ({ url, key, timeoutMs }: Options) => ({
  /** Never rejects. @param signal ends the request early */
  send: async ({ path, data }: Body, signal: AbortSignal): Promise<Answer> => {
    try {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': 'deflate', 'dd-api-key': key() },
        body: data,
        redirect: 'manual', // the key is for this address only
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      await discard(response);
      return { outcome: outcomeOf(response), reason: `status ${response.status}`, retryInMs: waitOf(response) };
    } catch (error) {
      return { outcome: 'unavailable', reason: reasonOf(error) };
    }
  },
});

export type DatadogIntake = ReturnType<typeof makeDatadogIntake>;
