// A client that retries a call with the same key until it has a response, from any process.

import { setTimeout as pause } from 'node:timers/promises';

type Call = {
  readonly method?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
};
export type ReceivedResponse = { readonly status: number; readonly etag: string | undefined; readonly text: string };

const GIVE_UP_MS = 120_000;
const RETRY_MS = 25;

const send = async (url: string, { method = 'GET', body, headers = {} }: Call): Promise<ReceivedResponse> => {
  const response = await fetch(url, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(5000),
  });
  return { status: response.status, etag: response.headers.get('etag') ?? undefined, text: await response.text() };
};

/** @param urls of the processes; each attempt takes the next one */
export const makeRetryingClient = (urls: readonly string[]) => {
  let turn = 0;
  return async (path: string, call: Call = {}): Promise<ReceivedResponse> => {
    const deadline = Date.now() + GIVE_UP_MS;
    for (;;) {
      turn += 1;
      const response = await send(`${urls.at(turn % urls.length) ?? ''}${path}`, call).catch(() => undefined);
      if (response !== undefined && response.status < 500) return response;
      if (Date.now() > deadline)
        throw new Error(`${call.method ?? 'GET'} ${path} had no response for ${GIVE_UP_MS} ms`);
      await pause(RETRY_MS);
    }
  };
};

export type RetryingClient = ReturnType<typeof makeRetryingClient>;

/** Runs `work` for each number below `count`, `at` of them at a time. */
export const inParallel = async (count: number, at: number, work: (n: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) {
      const n = next;
      next += 1;
      await work(n);
    }
  };
  await Promise.all(Array.from({ length: at }, one));
};
