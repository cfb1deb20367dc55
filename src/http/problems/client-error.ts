// What Node could not parse as HTTP never becomes a request, so the response is written to the socket directly.

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

import { HttpError, type HttpErrorCode } from '../errors.ts';
import { SECURITY_HEADERS } from '../hooks/security-headers.ts';
import { HTTP_PROBLEM_TYPES } from './http-problem-types.ts';
import { makeToProblem } from './problem.ts';

const CODES: ReadonlyMap<string, readonly [HttpErrorCode, string]> = new Map([
  ['HPE_HEADER_OVERFLOW', ['HEADERS_TOO_LARGE', 'The address and headers are too long together.']],
  ['ERR_HTTP_REQUEST_TIMEOUT', ['REQUEST_TIMEOUT', 'The request did not arrive in time.']],
]);

const toProblem = makeToProblem(HTTP_PROBLEM_TYPES);

const toResponse = (error: HttpError, requestId: string): string => {
  const { problem, headers } = toProblem(error, requestId);
  const body = JSON.stringify(problem);
  const lines = Object.entries({
    ...SECURITY_HEADERS,
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`, ...lines, '', body].join('\r\n');
};

type Deps = {
  readonly logger: { info(fields: { code: string; requestId: string }, message: string): void };
  readonly nextRequestId: () => string;
};

export const makeClientErrorHandler =
  ({ logger, nextRequestId }: Deps) =>
  (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const [code, message] = CODES.get(error.code ?? '') ?? ['REQUEST_MALFORMED', 'This is not a valid HTTP request.'];
    const requestId = nextRequestId();
    logger.info({ code, requestId }, 'malformed HTTP request rejected');
    socket.end(toResponse(new HttpError(code, message), requestId));
  };
