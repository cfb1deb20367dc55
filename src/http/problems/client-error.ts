// What Node could not parse as HTTP never becomes a request, so the response is written to the socket directly.

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyReply } from 'fastify';

import type { LimitDecision } from '../../rate-limit/ports.ts';
import type { OpenRequests } from '../connections/open-requests.ts';
import { HttpError, type HttpErrorCode } from '../errors.ts';
import type { RequestLog } from '../hooks/request-log.ts';
import { SECURITY_HEADERS } from '../hooks/security-headers.ts';
import { HTTP_PROBLEM_TYPES } from './http-problem-types.ts';
import { makeToProblem } from './problem.ts';

const CODES: ReadonlyMap<string, readonly [HttpErrorCode, string]> = new Map([
  ['HPE_HEADER_OVERFLOW', ['HEADERS_TOO_LARGE', 'The address and headers are too long together.']],
  ['ERR_HTTP_REQUEST_TIMEOUT', ['REQUEST_TIMEOUT', 'The request did not arrive in time.']],
]);

const END_OF_INPUT = 'HPE_INVALID_EOF_STATE';

/** A client that never closes its side of a refused connection does not keep it. */
const LINGER_MS = 1000;

const toProblem = makeToProblem(HTTP_PROBLEM_TYPES);

const toHttpError = ({ code = '' }: Error & { code?: string }): HttpError => {
  const [known, message] = CODES.get(code) ?? ['REQUEST_MALFORMED', 'This is not a valid HTTP request.'];
  return new HttpError(known, message);
};

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

const end = (socket: Socket, response: string): void => {
  socket.on('error', () => undefined).end(response);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
};

/** The parser failed inside a request's body: the response is that request's own, unless it has begun already. */
const respondTo = (reply: FastifyReply, socket: Socket, error: HttpError): void => {
  if (reply.sent || reply.raw.headersSent) socket.destroySoon();
  else void reply.header('connection', 'close').send(error);
};

type Deps = {
  readonly requests: Pick<OpenRequests, 'latestOf'>;
  readonly requestLog: Pick<RequestLog, 'refused'>;
  /** The general limit; undefined when it can't tell the caller's address. */
  readonly takeGeneral: (socket: Socket) => LimitDecision | undefined;
  readonly nextRequestId: () => string;
};

export const makeClientErrors = ({ requests, requestLog, takeGeneral, nextRequestId }: Deps) => {
  const refused = new WeakSet<Socket>();

  const limited = (socket: Socket, error: HttpError): HttpError => {
    const { allowed, retryAfterSeconds } = takeGeneral(socket) ?? { allowed: true };
    if (allowed) return error;
    return new HttpError('RATE_LIMITED', 'Too many requests from this address.', { retryAfterSeconds });
  };

  /** Responds after the requests that came before it on the same connection. */
  const refuse = (socket: Socket, cause: HttpError): void => {
    const requestId = nextRequestId();
    const error = limited(socket, cause);
    const response = toResponse(error, requestId);
    requestLog.refused(HTTP_PROBLEM_TYPES[error.code].status, { requestId, code: error.code });
    const before = requests.latestOf(socket)?.raw;
    if (before === undefined || before.writableFinished || before.destroyed) end(socket, response);
    else
      before.on('close', () => {
        end(socket, response);
      });
  };

  return {
    /** For the event `clientError`. */
    onClientError: (error: Error & { code?: string }, socket: Socket): void => {
      if (refused.has(socket)) return; // more of what was refused already
      refused.add(socket);
      const latest = requests.latestOf(socket);
      // a connection that was opened in advance and has sent nothing is not a request
      if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesRead === 0) socket.destroy();
      else if (latest?.request.raw.complete !== false) refuse(socket, toHttpError(error));
      else if (error.code === END_OF_INPUT)
        socket.destroy(); // the caller gave up
      else respondTo(latest, socket, toHttpError(error));
    },
    /** For the event `connect`. Node gives up the socket, with its listeners, before it emits it. */
    onConnect: (socket: Socket): void => {
      refuse(socket, new HttpError('REQUEST_MALFORMED', 'This is not a proxy.'));
    },
  };
};
