import { errorCodes } from 'fastify';
import { describe, expect, it } from 'vitest';

import { AuthError } from '../../../src/auth/errors.ts';
import { CodedError } from '../../../src/errors/coded-error.ts';
import { Unavailable } from '../../../src/errors/unavailable.ts';
import { HttpError } from '../../../src/http/errors.ts';
import { makeToProblem, toSlug, toTypeUri } from '../../../src/http/problems/problem.ts';
import { PROBLEM_TYPES } from '../../../src/http/problems/problem-types.ts';
import { UserError } from '../../../src/users/errors.ts';

const toProblem = makeToProblem(PROBLEM_TYPES);
const problemOf = (error: unknown) => toProblem(error, 'trace-1').problem;
const headersOf = (error: unknown) => toProblem(error, 'trace-1').headers;

describe('a problem', () => {
  it('contains the message and the faults of the coded error', () => {
    const faults = [{ pointer: '/email', detail: 'is not an e-mail address' }];

    expect(problemOf(new UserError('USER_INPUT_INVALID', 'Two fields are wrong.', { faults }))).toEqual({
      type: '/problems/user-input-invalid',
      title: 'Invalid input',
      status: 400,
      detail: 'Two fields are wrong.',
      code: 'USER_INPUT_INVALID',
      traceId: 'trace-1',
      errors: faults,
    });
  });

  it.each([
    ['an unknown error', new Error('password=secret')],
    ['a value that is not an error', 'password=secret'],
    ['a coded error without a row', new CodedError('UNHEARD_OF', 'password=secret')],
  ])('reveals nothing about %s', (_name, error) => {
    const problem = problemOf(error);

    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL', traceId: 'trace-1' });
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it('keeps an unknown error as the cause, for the log', () => {
    const error = new Error('no such column');

    expect(toProblem(error, 'trace-1').error.cause).toBe(error);
  });

  it('maps errors of Fastify to problem types', () => {
    const tooLarge = Object.assign(new Error('x'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE' });

    expect(problemOf(tooLarge)).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
  });
});

describe('the status of an error of a plugin', () => {
  const errorWith = (fields: object): Error => Object.assign(new Error('x'), fields);

  it.each([
    [400, 400, 'REQUEST_MALFORMED'],
    [403, 404, 'ROUTE_NOT_FOUND'],
    [404, 404, 'ROUTE_NOT_FOUND'],
    [406, 400, 'REQUEST_MALFORMED'],
    [408, 408, 'REQUEST_TIMEOUT'],
    [413, 413, 'BODY_TOO_LARGE'],
    [414, 414, 'URI_TOO_LONG'],
    [415, 415, 'CONTENT_TYPE_UNSUPPORTED'],
    [416, 400, 'REQUEST_MALFORMED'],
    [417, 417, 'EXPECTATION_FAILED'],
    [418, 400, 'REQUEST_MALFORMED'],
    [429, 429, 'RATE_LIMITED'],
    [431, 431, 'HEADERS_TOO_LARGE'],
    [499, 400, 'REQUEST_MALFORMED'],
  ])('%i stays below 500: %i', (statusCode, status, code) => {
    expect(problemOf(errorWith({ statusCode }))).toMatchObject({ status, code });
    expect(problemOf(errorWith({ statusCode, code: 'FST_ERR_SOMETHING' }))).toMatchObject({ status, code });
    expect(problemOf(errorWith({ status: statusCode, expose: true }))).toMatchObject({ status, code });
  });

  it('reveals nothing of its message', () => {
    expect(JSON.stringify(problemOf(new errorCodes.FST_ERR_NOT_FOUND()))).not.toContain('Not Found');
  });

  it.each([
    ['200', { statusCode: 200 }],
    ['500', { statusCode: 500 }],
    ['503', { statusCode: 503, expose: true }],
    ['no number', { statusCode: 'four hundred' }],
    ['the status of the response of another server', { status: 404 }],
    ['null', { statusCode: null }],
  ])('is 500 when it is unforeseen: %s', (_name, fields) => {
    expect(problemOf(errorWith(fields))).toMatchObject({ status: 500, code: 'INTERNAL' });
  });

  it('is below 500 for every error of Fastify that has such a status', () => {
    const errors = Object.values(errorCodes).map((FastifyError) => new FastifyError());
    const foreseen = errors.filter(({ statusCode = 500 }) => statusCode < 500);

    expect(foreseen.length).toBeGreaterThan(5);
    for (const error of foreseen) expect(problemOf(error).status).toBeLessThan(500);
  });
});

describe('the headers of a problem', () => {
  it('round Retry-After up to whole seconds', () => {
    expect(headersOf(new HttpError('RATE_LIMITED', '', { retryAfterSeconds: 1.2 }))).toMatchObject({
      'retry-after': '2',
    });
  });

  it('include Retry-After when the service is busy', () => {
    expect(headersOf(new Unavailable('HASHING_BUSY', ''))).toMatchObject({ 'retry-after': '1' });
  });

  it.each([
    [new AuthError('TOKEN_MISSING', ''), 'Bearer realm="user-service"'],
    [new AuthError('TOKEN_INVALID', ''), 'Bearer realm="user-service", error="invalid_token"'],
    [new AuthError('SCOPE_MISSING', ''), 'Bearer realm="user-service", error="insufficient_scope"'],
    [new AuthError('CREDENTIALS_WRONG', ''), 'Bearer realm="user-service"'],
  ])('include the WWW-Authenticate challenge for %s', (error, expected) => {
    expect(headersOf(error)['www-authenticate']).toBe(expected);
  });

  it('prevent caching, without a challenge for other statuses than 401 and 403', () => {
    expect(headersOf(new UserError('USER_NOT_FOUND', ''))).toEqual({
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
    });
  });
});

describe('the table of problem types', () => {
  it('has a unique type for every code', () => {
    const types = Object.keys(PROBLEM_TYPES).map(toTypeUri);

    expect(new Set(types).size).toBe(types.length);
    expect(toSlug('USER_NOT_FOUND')).toBe('user-not-found');
  });

  it('contains only statuses of 400 and above', () => {
    for (const { status } of Object.values(PROBLEM_TYPES)) expect(status).toBeGreaterThanOrEqual(400);
  });
});
