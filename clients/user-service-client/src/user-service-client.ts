import { ProblemError, TimeoutError, UnreachableError } from './errors.ts';
import { OPERATIONS } from './generated/operations.ts';
import type { OperationId, UserServiceClient } from './methods.ts';
import { readAnswer, type ReadAnswer } from './read-answer.ts';
import { makeRetry } from './retry.ts';
import type { GetAccessToken } from './service-token.ts';
import { toRequest, type PlainRequest } from './to-request.ts';

export { ProblemError, TimeoutError, UnreachableError, UnreadableAnswerError, UserServiceError } from './errors.ts';
export { makeServiceToken, type GetAccessToken } from './service-token.ts';
export type { Problem } from './errors.ts';
export type { components } from './generated/api-types.ts';
export type { Answer, AnswerHeaders, CallOptions, OperationId, UserServiceClient } from './methods.ts';

export type ClientOptions = {
  /** E.g. `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** Asked before each call that needs a token; without it such calls are refused by the service. */
  readonly getAccessToken?: GetAccessToken;
  /** For a whole call: token, tries and waits. 5000 unless told otherwise. */
  readonly timeoutMs?: number;
  /** How often a call is tried again that may be; 2 unless told otherwise. */
  readonly retries?: number;
  readonly fetch?: typeof globalThis.fetch;
};

type Row = (typeof OPERATIONS)[OperationId];

/** What may be sent twice: reads, and what the service recognises by its key. */
const mayBeRepeated = ({ method, headers }: PlainRequest): boolean => method === 'GET' || 'idempotency-key' in headers;

const isRefusedToken = (error: unknown): boolean =>
  error instanceof ProblemError && error.problem.code === 'TOKEN_INVALID';

/**
 * One method per operation of the document, by its operationId: `client.readUser({ id })`, `client.placeOrder(body, { idempotencyKey })`.
 * Each gives `{ status, body, headers }` or throws a UserServiceError.
 */
export const makeUserServiceClient = (options: ClientOptions): UserServiceClient => {
  const { baseUrl, getAccessToken, timeoutMs = 5000, retries = 2, fetch = globalThis.fetch } = options;
  const retry = makeRetry({ retries });

  const send = async (operation: OperationId, request: PlainRequest, signal: AbortSignal, token?: string) => {
    const { url, method, body = null } = request;
    const headers = { ...request.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const init = { method, headers, body, signal, redirect: 'manual' } as const;
    const response = await fetch(url, init).catch((cause: unknown) => {
      throw new UnreachableError('The service can not be reached', { operation, cause });
    });
    // eslint-disable-next-line security/detect-object-injection -- a name of the table
    return readAnswer(response, { operation, ...OPERATIONS[operation] });
  };

  const sendAuthorized = async (operation: OperationId, row: Row, request: PlainRequest, signal: AbortSignal) => {
    if (!row.needsToken || getAccessToken === undefined) return send(operation, request, signal);
    const token = await getAccessToken();
    signal.throwIfAborted();
    try {
      return await send(operation, request, signal, token);
    } catch (error) {
      if (!isRefusedToken(error)) throw error;
      const another = await getAccessToken(token);
      if (another === token) throw error; // eslint-disable-line security/detect-possible-timing-attacks -- both are the caller's own
      return send(operation, request, signal, another);
    }
  };

  const call = async (operation: OperationId, row: Row, args: readonly unknown[]): Promise<ReadAnswer> => {
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
    const work = mayBeRepeated(request) ? retry(attempt, { deadline, signal }) : attempt();
    try {
      return await Promise.race([work, aborted]);
    } catch (cause) {
      request.signal?.throwIfAborted();
      if (timeout.aborted) throw new TimeoutError(`No answer within ${timeoutMs} ms`, { operation, cause });
      throw cause;
    }
  };

  const methods = Object.entries(OPERATIONS).map(([operation, row]) => [
    operation,
    (...args: unknown[]) => call(operation as OperationId, row, args),
  ]);
  return Object.fromEntries(methods) as UserServiceClient;
};
