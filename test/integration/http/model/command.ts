// What all commands have in common: how they reach the service, and how an answer is compared.

import type fc from 'fast-check';
import { expect } from 'vitest';

import type { Model, Session } from './model.ts';

export type Request = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload?: object;
};
export type Answer = { readonly status: number; readonly headers: Record<string, unknown>; readonly body: string };
export type Send = (request: Request) => Promise<Answer>;

export type Service = {
  readonly send: Send;
  /** Of a service that may read and list all users. */
  readonly serviceToken: string;
};

export type Command = fc.AsyncCommand<Model, Service>;

/** A command whose values are shown in a counterexample. `isPossible` is asked before it runs; otherwise it is left out. */
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

/** Which of the list `n` means: lists grow while commands run, and shrink when a counterexample does. */
export const pick = <T>(items: readonly T[], n: number): T => {
  const item = items[n % items.length];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
};

export const hasSessions = ({ sessions }: Model): boolean => sessions.length > 0;

export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

/** Compared are the status and what is named: an absent body is `undefined`. */
export const expectDone = (
  { status, headers, body }: Answer,
  expected: { status: number; etag?: string; location?: string; body?: unknown },
): void => {
  const parsed: unknown = body === '' ? undefined : JSON.parse(body);
  expect({ status, etag: headers.etag, location: headers.location, body: parsed }).toMatchObject(expected);
};

export const expectRefused = ({ status, headers, body }: Answer, wanted: number, ...codes: string[]): string => {
  expect(status, body).toBe(wanted);
  expect(headers['content-type']).toContain('application/problem+json');
  const { code } = JSON.parse(body) as { code: string };
  expect(codes).toContain(code);
  return code;
};

/** Whether the session's token is refused, as it must be once the session has ended. */
export const isRefused = ({ ended }: Session, answer: Answer): boolean => {
  if (ended) expectRefused(answer, 401, 'TOKEN_INVALID');
  return ended;
};

export const toEtag = (version: number): string => `"${version}"`;
