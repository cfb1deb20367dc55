// The requests of the load: how many, how long they took, which failed.

import type { Secrets } from '../secrets.ts';
import { makeCaller, type Call, type Response } from './calls.ts';

/** `at`: milliseconds since the epoch. */
export type Failure = { readonly at: number; readonly what: string };

const nameOf = ({ method, path }: Call): string => `${method} ${path.replaceAll(/[0-9a-f-]{36}/g, ':id')}`;

export const kidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;

export const makeMeasuredCalls = (port: number, secrets: Secrets) => {
  const caller = makeCaller(port);
  const failures: Failure[] = [];
  const durations: number[] = [];
  const kids = new Map<string, number>();
  let requests = 0;
  const attempt = async (expected: number, call: Call): Promise<Response | string> => {
    try {
      const response = await caller.call(call);
      if (response.status === expected) return response;
      const code = (response.body.code as string | undefined) ?? '';
      return `${response.status} ${code}`.trimEnd();
    } catch (error) {
      const { code, name } = error as Error & { code?: string };
      return code === 'ABORT_ERR' ? 'no response in 10 s' : (code ?? name);
    }
  };
  return {
    /** Not counted. */
    caller,
    /** Any other status is a failure, and so is a connection that fails. @returns undefined after a failure */
    call: async (expected: number, call: Call): Promise<Response | undefined> => {
      requests += 1;
      const start = performance.now();
      const result = await attempt(expected, call);
      durations.push(performance.now() - start);
      if (typeof result !== 'string') return result;
      failures.push({ at: Date.now(), what: `${nameOf(call)}: ${result}` });
      return undefined;
    },
    /** The access token of a response. */
    tokenOf: ({ body }: Response): string => {
      const token = body.access_token as string;
      const kid = kidOf(token);
      kids.set(kid, (kids.get(kid) ?? 0) + 1);
      secrets.addToken(token);
      return token;
    },
    startCounting: (): void => {
      [requests, durations.length] = [0, 0];
    },
    requests: () => requests,
    failures: (): readonly Failure[] => failures,
    /** The keys that signed the tokens, and how many. */
    kids: (): ReadonlyMap<string, number> => kids,
    /** Milliseconds, sorted. */
    durations: (): readonly number[] => durations.toSorted((a, b) => a - b),
  };
};

export type MeasuredCalls = ReturnType<typeof makeMeasuredCalls>;
