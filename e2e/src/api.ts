// The service as journeys call it: its generated client, with refusals made answers, because journeys look at both.

import {
  makeUserServiceClient,
  ProblemError,
  type OperationResponse,
  type ResponseHeaders,
  type components,
  type UserServiceClient,
} from 'user-service-client';

type Schemas = components['schemas'];
export type User = Schemas['User'];
export type Registration = Parameters<UserServiceClient['registerUser']>[0];
export type Tokens = OperationResponse<'logIn'>['body'];
export type Order = Schemas['Order'];
export type Price = Pick<Order, 'amountMinor' | 'currency'>;

/** `code` is that of a refusal's problem document. */
export type Answer<T> = {
  readonly status: number;
  readonly code: string | undefined;
  /** Of a success; a refusal's is not looked at. */
  readonly body: T;
  readonly etag: string;
  readonly location: string;
};

type Done<T> = { readonly status: number; readonly body: T; readonly headers: ResponseHeaders };
type Deps = { readonly baseUrl: string; readonly fetch: typeof globalThis.fetch };

const TIMEOUT_MS = 60_000; // of a call with its waits: the recorded fetch bounds each request

/** @throws UserServiceError for anything that the document does not promise */
const toAnswer = async <T>(call: Promise<Done<T>>): Promise<Answer<T>> => {
  try {
    const { status, body, headers } = await call;
    return { status, code: undefined, body, etag: headers.etag ?? '', location: headers.location ?? '' };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { status: error.status, code: error.problem.code, body: undefined as T, etag: '', location: '' };
  }
};

export const makeApi = ({ baseUrl, fetch }: Deps) => {
  const plain = { baseUrl, fetch, timeoutMs: TIMEOUT_MS, retries: 0 };
  const open = makeUserServiceClient(plain);
  const as = (token: string) => makeUserServiceClient({ ...plain, getAccessToken: () => Promise.resolve(token) });

  return {
    registerUser: (body: Registration) => toAnswer(open.registerUser(body)),
    logIn: (body: { login: string; password: string }) => toAnswer(open.logIn(body)),
    refreshSession: (refresh_token: string) => toAnswer(open.refreshSession({ refresh_token })),
    readUser: (token: string, id: string) => toAnswer(as(token).readUser({ id })),
    /** Status 304 when it is still the one that is known. */
    readUserUnless: (token: string, id: string, ifNoneMatch: string) =>
      toAnswer<User | undefined>(as(token).readUser({ id }, { ifNoneMatch })),
    changeProfile: (token: string, id: string, ifMatch: string, body: { name: string }) =>
      toAnswer(as(token).changeProfile({ id }, body, { ifMatch })),
    eraseUser: (token: string, id: string) => toAnswer(as(token).eraseUser({ id })),
    placeOrder: (token: string, body: Price, idempotencyKey?: string) =>
      toAnswer(as(token).placeOrder(body, idempotencyKey === undefined ? {} : { idempotencyKey })),
    readOrder: (token: string, id: string) => toAnswer(as(token).readOrder({ id })),
    listOrders: (token: string) => toAnswer(as(token).listOrders()),
  };
};

export type Api = ReturnType<typeof makeApi>;
