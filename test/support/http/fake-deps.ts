// The public server with fake use cases, for tests of HTTP alone.

import type { Principal } from '../../../src/auth/principal.ts';
import { makePublicServer, type PublicServerDeps } from '../../../src/http/server.ts';

export const USER_ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';

export const principal = (changes: Partial<Principal> = {}): Principal => ({
  subject: USER_ID,
  kind: 'user',
  sessionId: '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f14',
  scopes: new Set(),
  expiresAt: 4_000_000_000,
  ...changes,
});

const accessToken = { access_token: 'a', token_type: 'Bearer', expires_in: 300, scope: '' } as const;
export const tokens = { ...accessToken, refresh_token: 'r' };

export const userRepresentation = { version: 1, json: `{"id":"${USER_ID}"}` };

const unexpected = (): never => {
  throw new Error('unexpected call of a use case');
};

export type LogLine = { level: string; fields: Record<string, unknown>; message: string };

/** Records log lines and metric samples for assertions. */
export const makeRecorder = () => {
  const lines: LogLine[] = [];
  const samples: { method: string; route: string; status: string; cache: string; seconds: number }[] = [];
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...fields }, message });
  };
  return {
    lines,
    samples,
    logger: {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      fatal: write('fatal'),
    },
    metrics: {
      httpRequestSeconds: {
        labels: (labels: { method: string; route: string; status: string; cache: string }) => ({
          observe: (seconds: number) => {
            samples.push({ ...labels, seconds });
          },
        }),
        zero: () => undefined,
      },
    },
  };
};

const open = () => ({ allowed: true, remaining: 9, retryAfterSeconds: 0 });

export const fakeDeps = ({ options, ...changes }: FakeDeps = {}): PublicServerDeps => ({
  options: {
    version: '1.2.3',
    requestTimeoutMs: 2000,
    bodyLimitBytes: 16_384,
    headerLimitBytes: 8192,
    keepAliveTimeoutMs: 65_000,
    socketTimeoutMs: 30_000,
    maxConnections: 1000,
    maxConnectionsPerAddress: 1000,
    docs: true,
    trustProxy: [],
    rateLimitPerSecond: 100,
    rateLimitBurst: 200,
    strictLimitPerMinute: 10,
    ...options,
  },
  ...makeRecorder(),
  currentTrace: () => undefined,
  isDraining: () => false,
  loadShedding: {},
  generalLimit: { take: open },
  strictLimit: { take: open, giveBack: () => undefined },
  verifyAccessToken: () => principal(),
  publicJwks: () => ({ keys: [] }),
  registerUser: unexpected,
  readUser: unexpected,
  listUsers: unexpected,
  changeProfile: unexpected,
  eraseUser: unexpected,
  placeOrder: unexpected,
  readOrder: unexpected,
  listOrders: unexpected,
  logIn: unexpected,
  refreshSession: unexpected,
  reauthenticate: unexpected,
  logOut: unexpected,
  changePassword: unexpected,
  issueClientToken: unexpected,
  ...changes,
});

export type FakeDeps = Partial<Omit<PublicServerDeps, 'options'>> & { options?: Partial<PublicServerDeps['options']> };

export const makeFakeServer = (deps: FakeDeps = {}) => makePublicServer(fakeDeps(deps));
