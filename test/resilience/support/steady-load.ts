// Clients that send one request after the other and never retry: every failure is counted.

import { randomUUID } from 'node:crypto';
import { Agent, request as call } from 'node:http';
import { text } from 'node:stream/consumers';

import { eventually } from '../../support/eventually.ts';

type Request = {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
};
type ReceivedResponse = { readonly status: number; readonly text: string; readonly etag?: string | undefined };

/** One of this many requests is a write. */
const WRITE_EVERY = 20;

const makeSend =
  (url: string, agent: Agent) =>
  ({ method, path, body, headers: own = {} }: Request): Promise<ReceivedResponse> => {
    const { promise, resolve, reject } = Promise.withResolvers<ReceivedResponse>();
    const payload = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      'content-length': String(Buffer.byteLength(payload)),
      ...(body && { 'content-type': 'application/json' }),
      ...own,
    };
    const sent = call(`${url}${path}`, { method, headers, agent }, (response) => {
      const { statusCode: status = 0 } = response;
      text(response).then((received) => {
        resolve({ status, text: received, etag: response.headers.etag });
      }, reject);
    });
    sent.on('error', reject).end(payload);
    return promise;
  };

/** The code of a problem document. */
const problemOf = (body: string): string => /"code": *"(\w+)"/.exec(body)?.[1] ?? '';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

/** Runs until `end`. Each client is a different user, who reads the own account and sometimes changes it. */
export const startSteadyLoad = (url: string, clients: number) => {
  const agent = new Agent({ keepAlive: true });
  const send = makeSend(url, agent);
  const failures = new Map<string, number>();
  const counts = { requests: 0, changes: 0 };
  const stop = new AbortController();

  const expectStatus = async (status: number, request: Request): Promise<ReceivedResponse | undefined> => {
    counts.requests += 1;
    const response = await send(request).catch((error: unknown) => ({ status: 0, text: codeOf(error) }));
    if (response.status === status) return response;
    const reason = response.status === 0 ? response.text : `${response.status} ${problemOf(response.text)}`.trimEnd();
    const kind = `${request.method} ${reason}`;
    failures.set(kind, (failures.get(kind) ?? 0) + 1);
    return undefined;
  };

  /** Before the load: repeated until it succeeds, and not counted. */
  const succeed = (status: number, request: Request): Promise<ReceivedResponse> =>
    eventually(
      async () => {
        const response = await send(request);
        if (response.status !== status) throw new Error(`${request.path} ${response.status} ${response.text}`);
        return response;
      },
      { deadlineMs: 30_000, everyMs: 500 },
    );

  const signUp = async () => {
    const username = `u${randomUUID().slice(0, 13)}`;
    const password = 'three quiet rivers';
    const user = { username, name: 'Ann', email: `${username}@example.com`, password };
    const registered = await succeed(201, { method: 'POST', path: '/users', body: user });
    const signedIn = await succeed(200, { method: 'POST', path: '/auth/login', body: { login: username, password } });
    const { id } = JSON.parse(registered.text) as { id: string };
    const { access_token: token } = JSON.parse(signedIn.text) as { access_token: string };
    return { path: `/users/${id}`, etag: registered.etag ?? '', authorization: `Bearer ${token}` };
  };

  const client = async (): Promise<void> => {
    const { path, authorization, ...user } = await signUp();
    let { etag } = user;
    let n = 0;
    while (!stop.signal.aborted) {
      n += 1;
      if (n % WRITE_EVERY > 0) await expectStatus(200, { method: 'GET', path, headers: { authorization } });
      else {
        const headers = { authorization, 'if-match': etag };
        const changed = await expectStatus(200, { method: 'PATCH', path, body: { name: `Ann ${n}` }, headers });
        if (changed !== undefined) counts.changes += 1;
        etag = changed?.etag ?? etag;
      }
    }
  };

  const running = Promise.all(Array.from({ length: clients }, client));
  return {
    counts,
    /** By method and status with the problem's code, or error code. */
    failures,
    end: async (): Promise<void> => {
      stop.abort();
      await running;
      agent.destroy();
    },
  };
};

export type SteadyLoad = ReturnType<typeof startSteadyLoad>;
