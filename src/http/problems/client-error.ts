// What Node could not read as HTTP never becomes a request, so its answer is written to the socket by hand.

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

import { HttpError, type HttpErrorCode } from '../errors.ts';
import type { Log } from '../../observability/log-fields.ts';
import { problemHeaders, toKnownError, toProblem } from './problem.ts';
import { SECURITY_HEADERS } from '../hooks/security-headers.ts';

const CODES: ReadonlyMap<string, readonly [HttpErrorCode, string]> = new Map([
  ['HPE_HEADER_OVERFLOW', ['HEADERS_TOO_LARGE', 'The address and headers are too long together.']],
  ['ERR_HTTP_REQUEST_TIMEOUT', ['REQUEST_TIMEOUT', 'The request did not arrive in time.']],
]);

const toResponse = (error: HttpError, requestId: string): string => {
  const known = toKnownError(error);
  const problem = toProblem(known, requestId);
  const body = JSON.stringify(problem);
  const headers = {
    ...SECURITY_HEADERS,
    ...problemHeaders(known),
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`, ...lines, '', body].join('\r\n');
};

type Deps = { readonly logger: Log; readonly nextRequestId: () => string };

export const makeClientErrorHandler =
  ({ logger, nextRequestId }: Deps) =>
  (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const [code, message] = CODES.get(error.code ?? '') ?? [
      'REQUEST_MALFORMED',
      'This is not a readable HTTP request.',
    ];
    const requestId = nextRequestId();
    logger.info({ code, requestId }, 'unreadable request refused');
    socket.end(toResponse(new HttpError(code, message), requestId));
  };
