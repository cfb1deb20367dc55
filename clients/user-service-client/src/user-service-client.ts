import { ProblemError, TimeoutError, UnreachableError } from './errors.ts';
import { OPERATIONS } from './generated/operations.ts';
import type { OperationId, UserServiceClient } from './methods.ts';
import { readResponse, type ParsedResponse } from './read-response.ts';
import { makeRetry } from './retry.ts';
import type { GetAccessToken } from './service-token.ts';
import { toRequest, type PlainRequest } from './to-request.ts';

export { ProblemError, TimeoutError, UnreachableError, UnexpectedResponseError, UserServiceError } from './errors.ts';
export { makeServiceToken, type GetAccessToken } from './service-token.ts';
export type { Problem } from './errors.ts';
export type { components } from './generated/api-types.ts';
export type { CallOptions, OperationId, OperationResponse, ResponseHeaders, UserServiceClient } from './methods.ts';

export type ClientOptions = {
  /** Base URL of the service, e.g. `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** Called before each request that needs a token. Without it the service rejects these requests. */
  readonly getAccessToken?: GetAccessToken;
  /** Deadline of a whole call: token, attempts and delays. Default: 5000. */
  readonly timeoutMs?: number;
  /** Maximum number of retries of a call that can be repeated safely. Default: 2. */
  readonly retries?: number;
  readonly fetch?: typeof globalThis.fetch;
};

type Row = (typeof OPERATIONS)[OperationId];

/** Safe to send twice: reads, and requests with an idempotency key. */
const isRetryable = ({ method, headers }: PlainRequest): boolean => method === 'GET' || 'idempotency-key' in headers;

const isRejectedToken = (error: unknown): boolean =>
  error instanceof ProblemError && error.problem.code === 'TOKEN_INVALID';

/**
 * One method per operation of the OpenAPI document, named by its operationId: `client.readUser({ id })`, `client.placeOrder(body, { idempotencyKey })`.
 * Each returns `{ status, body, headers }` or throws a UserServiceError.
 */
export const makeUserServiceClient = (options: ClientOptions): UserServiceClient => {
  const { baseUrl, getAccessToken, timeoutMs = 5000, retries = 2, fetch = globalThis.fetch } = options;
  const retry = makeRetry({ retries });

  const send = async (operation: OperationId, request: PlainRequest, signal: AbortSignal, token?: string) => {
    const { url, method, body = null } = request;
    const headers = { ...request.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const init = { method, headers, body, signal, redirect: 'manual' } as const;
    const response = await fetch(url, init).catch((cause: unknown) => {
      throw new UnreachableError('The service could not be reached', { operation, cause });
    });
    // eslint-disable-next-line security/detect-object-injection -- a key of the table
    return readResponse(response, { operation, ...OPERATIONS[operation] });
  };

  const sendAuthorized = async (operation: OperationId, row: Row, request: PlainRequest, signal: AbortSignal) => {
    if (!row.needsToken || getAccessToken === undefined) return send(operation, request, signal);
    const token = await getAccessToken();
    signal.throwIfAborted();
    try {
      return await send(operation, request, signal, token);
    } catch (error) {
      if (!isRejectedToken(error)) throw error;
      const another = await getAccessToken(token);
      if (another === token) throw error; // eslint-disable-line security/detect-possible-timing-attacks -- both tokens belong to the caller
      return send(operation, request, signal, another);
    }
  };

  const call = async (operation: OperationId, row: Row, args: readonly unknown[]): Promise<ParsedResponse> => {
    const request = toRequest(baseUrl, row, args);
    const timeout = AbortSignal.timeout(timeoutMs);
    const deadline = performance.now() + timeoutMs;
    const signal = AbortSignal.any([timeout, ...(request.signal === undefined ? [] : [request.signal])]);
    signal.throwIfAborted();
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener(
        'abort',
        () => {
          reject(signal.reason as Error);
        },
        { once: true },
      );
    });
    const attempt = () => sendAuthorized(operation, row, request, signal);
    const work = isRetryable(request) ? retry(attempt, { deadline, signal }) : attempt();
    try {
      return await Promise.race([work, aborted]);
    } catch (cause) {
      request.signal?.throwIfAborted();
      if (timeout.aborted) throw new TimeoutError(`No response within ${timeoutMs} ms`, { operation, cause });
      throw cause;
    }
  };

  const methods = Object.entries(OPERATIONS).map(([operation, row]) => [
    operation,
    (...args: unknown[]) => call(operation as OperationId, row, args),
  ]);
  return Object.fromEntries(methods) as UserServiceClient;
};
