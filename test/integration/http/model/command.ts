// Shared by all commands: sending requests to the service, and comparing responses.

import type fc from 'fast-check';
import { expect } from 'vitest';

import type { Model, Session } from './model.ts';

export type Request = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload?: object;
};
export type HttpResponse = {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
};
export type Send = (request: Request) => Promise<HttpResponse>;

export type Service = {
  readonly send: Send;
  /** The token of a service that may read and list all users. */
  readonly serviceToken: string;
};

export type Command = fc.AsyncCommand<Model, Service>;

/** A command whose values are printed in a counterexample. It is skipped unless `isPossible` returns true. */
export const command = (
  name: string,
  values: object,
  run: (model: Model, service: Service) => Promise<void>,
  isPossible: (model: Model) => boolean = () => true,
): Command => ({
  check: isPossible,
  run,
  toString: () => `${name} ${JSON.stringify(values)}`,
});

/** The item at `n` modulo the length: the list has another length in each sequence. */
export const pick = <T>(items: readonly T[], n: number): T => {
  const item = items[n % items.length];
  if (item === undefined) throw new Error('the list is empty');
  return item;
};

export const hasSessions = ({ sessions }: Model): boolean => sessions.length > 0;

export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

/** Compares the status and the given properties; an empty body is `undefined`. */
export const expectResponse = (
  { status, headers, body }: HttpResponse,
  expected: { status: number; etag?: string; location?: string; body?: unknown },
): void => {
  const parsed: unknown = body === '' ? undefined : JSON.parse(body);
  expect({ status, etag: headers.etag, location: headers.location, body: parsed }).toMatchObject(expected);
};

export const expectProblem = (
  { status, headers, body }: HttpResponse,
  expectedStatus: number,
  ...codes: string[]
): string => {
  expect(status, body).toBe(expectedStatus);
  expect(headers['content-type']).toContain('application/problem+json');
  const { code } = JSON.parse(body) as { code: string };
  expect(codes).toContain(code);
  return code;
};

/** A token of the session for which the password was entered again; the ordinary one when the session has ended. */
export const reauthenticate = async (send: Send, { accessToken, account, ended }: Session): Promise<string> => {
  const payload = { password: account.password };
  const headers = bearer(accessToken);
  const response = await send({ method: 'POST', url: '/api/v1/auth/reauthenticate', headers, payload });
  if (ended) {
    expectProblem(response, 401, 'TOKEN_INVALID');
    return accessToken;
  }
  expectResponse(response, { status: 200 });
  return (JSON.parse(response.body) as { access_token: string }).access_token;
};

/** Returns whether the session has ended, and expects its token to be rejected if so. */
export const expectRejectedIfEnded = ({ ended }: Session, response: HttpResponse): boolean => {
  if (ended) expectProblem(response, 401, 'TOKEN_INVALID');
  return ended;
};

export const toEtag = (version: number): string => `"${version}"`;
