// The API as the journeys call it: the generated client, with a ProblemError turned into a response, because journeys check both outcomes.

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

/** `code` is the code of the problem document; undefined for a success. */
export type ApiResponse<T> = {
  readonly status: number;
  readonly code: string | undefined;
  /** Body of a success; undefined for an error response. */
  readonly body: T;
  /** Empty when the header is missing, like `location`. */
  readonly etag: string;
  readonly location: string;
};

type Success<T> = { readonly status: number; readonly body: T; readonly headers: ResponseHeaders };
type Deps = { readonly baseUrl: string; readonly fetch: typeof globalThis.fetch };

const TIMEOUT_MS = 60_000; // of a call with its delays; the recorded fetch has a timeout for each request

/** @throws UserServiceError for a response that the OpenAPI document does not define, and when there is no response */
const toApiResponse = async <T>(call: Promise<Success<T>>): Promise<ApiResponse<T>> => {
  try {
    const { status, body, headers } = await call;
    return { status, code: undefined, body, etag: headers.etag ?? '', location: headers.location ?? '' };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { status: error.status, code: error.problem.code, body: undefined as T, etag: '', location: '' };
  }
};

export const makeApi = ({ baseUrl, fetch }: Deps) => {
  const options = { baseUrl, fetch, timeoutMs: TIMEOUT_MS, retries: 0 };
  const anonymous = makeUserServiceClient(options);
  const withToken = (token: string) =>
    makeUserServiceClient({ ...options, getAccessToken: () => Promise.resolve(token) });

  return {
    registerUser: (body: Registration) => toApiResponse(anonymous.registerUser(body)),
    logIn: (body: { login: string; password: string }) => toApiResponse(anonymous.logIn(body)),
    reauthenticate: (token: string, password: string) => toApiResponse(withToken(token).reauthenticate({ password })),
    refreshSession: (refresh_token: string) => toApiResponse(anonymous.refreshSession({ refresh_token })),
    readUser: (token: string, id: string) => toApiResponse(withToken(token).readUser({ id })),
    /** Status 304 when the ETag still matches. */
    readUserIfNoneMatch: (token: string, id: string, ifNoneMatch: string) =>
      toApiResponse<User | undefined>(withToken(token).readUser({ id }, { ifNoneMatch })),
    changeProfile: (token: string, id: string, ifMatch: string, body: { name?: string; email?: string }) =>
      toApiResponse(withToken(token).changeProfile({ id }, body, { ifMatch })),
    eraseUser: (token: string, id: string) => toApiResponse(withToken(token).eraseUser({ id })),
    placeOrder: (token: string, body: Price, idempotencyKey?: string) =>
      toApiResponse(withToken(token).placeOrder(body, idempotencyKey === undefined ? {} : { idempotencyKey })),
    readOrder: (token: string, id: string) => toApiResponse(withToken(token).readOrder({ id })),
    listOrders: (token: string) => toApiResponse(withToken(token).listOrders()),
  };
};

export type Api = ReturnType<typeof makeApi>;
