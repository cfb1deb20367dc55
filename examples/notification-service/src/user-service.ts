// The one file that speaks HTTP with user-service. What it promises is held by test/contract.

import { unavailable } from './errors.ts';
import type { Recipient } from './letter.ts';
import type { UserServiceApi } from './user-directory.ts';

type Options = {
  /** Of the service, e.g. `http://localhost:8080`. */
  readonly baseUrl: string;
  /** For a whole answer. */
  readonly timeoutMs: number;
};

type Body = Readonly<Record<string, unknown>>;
type Answer = { readonly status: number; readonly body: Body };

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** No cause: the error of a parser quotes what it could not parse. */
const readBody = async (answer: Response): Promise<Body> => {
  const body: unknown = await answer.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null) throw unavailable('user-service did not answer in JSON.');
  return body as Body;
};

export const makeUserService = ({ baseUrl, timeoutMs }: Options): UserServiceApi => {
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const options = { ...init, signal: AbortSignal.timeout(timeoutMs), redirect: 'error' } as const;
    const answer = await fetch(new URL(`/api/v1/${path}`, baseUrl), options).catch((cause: unknown) => {
      throw unavailable('user-service does not answer in time.', cause);
    });
    return { status: answer.status, body: await readBody(answer) };
  };

  return {
    issueToken: async ({ clientId, clientSecret }) => {
      const { status, body } = await ask('auth/token', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ client_id: clientId, client_secret: clientSecret, scope: 'users:read' }),
      });
      const { access_token: accessToken, expires_in: expiresInSeconds } = body;
      if (status !== 200 || !isText(accessToken) || typeof expiresInSeconds !== 'number')
        throw unavailable('user-service gave no access token.');
      return { accessToken, expiresInSeconds };
    },

    readUser: async (id, accessToken): Promise<Recipient | 'absent' | 'refused'> => {
      const { status, body } = await ask(`users/${encodeURIComponent(id)}`, {
        headers: { ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }) },
      });
      if (status === 404 && body.code === 'USER_NOT_FOUND') return 'absent';
      if (status === 401) return 'refused';
      const { name, email } = body;
      if (status !== 200 || !isText(name) || !isText(email)) throw unavailable('user-service gave no user.');
      return { name, email };
    },
  };
};
