// One request of a user, over connections that are kept.

import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

export type Json = Readonly<Record<string, unknown>>;

export type Call = {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Below /api/v1. */
  readonly path: string;
  readonly body?: Json;
  /** An access token. */
  readonly token?: string;
  /** The address that the api sees. */
  readonly from: string;
  readonly ifMatch?: string;
};

export type Response = { readonly status: number; readonly etag: string; readonly body: Json };

/** A user does not wait longer. */
const TIMEOUT_MS = 10_000;

const headersOf = ({ token, from, ifMatch }: Call, content: string | undefined): Record<string, string> => ({
  'x-forwarded-for': from,
  ...(content !== undefined && {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(content)),
  }),
  ...(token !== undefined && { authorization: `Bearer ${token}` }),
  ...(ifMatch !== undefined && { 'if-match': ifMatch }),
});

export const makeCaller = (port: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 150 });
  return {
    /** Rejects when there is no response within 10 seconds, or the connection fails. */
    call: (call: Call): Promise<Response> =>
      new Promise((resolve, reject) => {
        const content = call.body === undefined ? undefined : JSON.stringify(call.body);
        const path = `/api/v1${call.path}`;
        const sent = request({
          ...{ host: '127.0.0.1', port, agent, path, method: call.method },
          headers: headersOf(call, content),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        sent.once('error', reject);
        sent.once('response', (response) => {
          text(response).then((body) => {
            const { statusCode: status = 0, headers } = response;
            resolve({ status, etag: headers.etag ?? '', body: body === '' ? {} : (JSON.parse(body) as Json) });
          }, reject);
        });
        sent.end(content);
      }),
    close: (): void => {
      agent.destroy();
    },
  };
};

export type Caller = ReturnType<typeof makeCaller>;
