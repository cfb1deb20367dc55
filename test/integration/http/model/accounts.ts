import fc from 'fast-check';
import { expect } from 'vitest';

import {
  bearer,
  command,
  expectDone,
  expectRefused,
  hasSessions,
  isRefused,
  pick,
  toEtag,
  type Answer,
} from './command.ts';
import {
  endSessions,
  living,
  takenCodes,
  type Account,
  type Kept,
  type Model,
  type Profile,
  type UserRepresentation,
} from './model.ts';

export const PASSWORDS = ['three quiet rivers', 'four loud oceans', 'seven green hills'] as const;

// few values, in several cases: two users want the same one again and again
const NAMES = ['ann', 'Ann', 'ANN', 'bob', 'BOB', 'cleo', 'dora', 'emil'];
const username = fc.constantFrom(...NAMES);
const email = username.map((name) => `${name}@example.com`);
const name = fc.constantFrom('Ann Lee', 'Bob', 'Chloé “C” 李');
const password = fc.constantFrom(...PASSWORDS);

const pathOf = ({ document }: Account): string => `/api/v1/users/${document.id}`;

const keep = (model: Model, key: string | undefined, kept: Kept): void => {
  if (key !== undefined) model.registrationOfKey.set(key, kept);
};

/** The outcome that a key is remembered by; it goes with its account. */
const keptFor = ({ registrationOfKey }: Model, key: string | undefined): Kept | undefined => {
  const kept = registrationOfKey.get(key ?? '');
  return kept?.account?.erased === true ? undefined : kept;
};

const expectNew = (answer: Answer, profile: Profile): UserRepresentation => {
  const document = JSON.parse(answer.body) as UserRepresentation;
  const { id, createdAt } = document;
  const expected = { id, ...profile, createdAt, updatedAt: createdAt };
  expectDone(answer, { status: 201, etag: '"1"', location: `/api/v1/users/${id}`, body: expected });
  return document;
};

const expectReplayed = (answer: Answer, { request, outcome }: Kept, sent: string): void => {
  if (request !== sent) expectRefused(answer, 422, 'IDEMPOTENCY_KEY_REUSED');
  else if ('code' in outcome) expectRefused(answer, 409, outcome.code);
  else {
    const { document } = outcome;
    expectDone(answer, { status: 201, etag: '"1"', location: `/api/v1/users/${document.id}`, body: document });
  }
};

type Registration = Profile & { readonly password: string };

export const registerUser = (registration: Registration, key?: string) =>
  command('register', { ...registration, key }, async (model, { send }) => {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    const answer = await send({ method: 'POST', url: '/api/v1/users', headers, payload: registration });
    const request = JSON.stringify(registration);
    const kept = keptFor(model, key);
    if (kept !== undefined) {
      expectReplayed(answer, kept, request);
      return;
    }
    const taken = takenCodes(model, registration);
    if (taken.length > 0) {
      keep(model, key, { request, outcome: { code: expectRefused(answer, 409, ...taken) } });
      return;
    }
    const { password: chosen, ...profile } = registration;
    const document = expectNew(answer, profile);
    const account: Account = {
      ...{ document, password: chosen, version: 1, erased: false },
      ...{ orders: [], orderOfKey: new Map() },
    };
    model.accounts.push(account);
    keep(model, key, { request, outcome: { document }, account });
  });

/** As oneself, or as the service that may read all. */
export const readUser = (values: {
  as: number;
  whose: number;
  fresh: 'current' | 'other' | 'none';
  service: boolean;
}) =>
  command(
    'read',
    values,
    async (model, { send, serviceToken }) => {
      const account = pick(model.accounts, values.whose);
      const session = pick(model.sessions, values.as);
      const etag = toEtag(account.version);
      const known = { current: etag, other: toEtag(account.version + 1), none: undefined }[values.fresh];
      const token = values.service ? serviceToken : session.accessToken;
      const headers = { ...bearer(token), ...(known !== undefined && { 'if-none-match': known }) };
      const answer = await send({ method: 'GET', url: pathOf(account), headers });

      if (!values.service && isRefused(session, answer)) return;
      const isVisible = !account.erased && (values.service || session.account === account);
      if (!isVisible) expectRefused(answer, 404, 'USER_NOT_FOUND');
      else if (values.fresh === 'current') expectDone(answer, { status: 304, etag, body: undefined });
      else expectDone(answer, { status: 200, etag, body: account.document });
    },
    hasSessions,
  );

type Change = { as: number; whose: number; fresh: 'current' | 'stale' | 'none'; changes: Partial<Profile> };

export const changeProfile = (values: Change) =>
  command(
    'change',
    values,
    async (model, { send }) => {
      const session = pick(model.sessions, values.as);
      const account = values.whose === 0 ? pick(model.accounts, values.as) : session.account;
      const version = { current: account.version, stale: account.version - 1, none: undefined }[values.fresh];
      const headers = { ...bearer(session.accessToken), ...(version !== undefined && { 'if-match': toEtag(version) }) };
      const answer = await send({ method: 'PATCH', url: pathOf(account), headers, payload: values.changes });

      if (isRefused(session, answer)) return;
      const taken = takenCodes(model, values.changes, account);
      if (values.fresh === 'none') expectRefused(answer, 428, 'PRECONDITION_REQUIRED');
      else if (session.account !== account) expectRefused(answer, 404, 'USER_NOT_FOUND');
      else if (values.fresh === 'stale') expectRefused(answer, 412, 'USER_VERSION_STALE');
      else if (taken.length > 0) expectRefused(answer, 409, ...taken);
      else {
        const { updatedAt } = JSON.parse(answer.body) as UserRepresentation;
        expect(updatedAt >= account.document.updatedAt).toBe(true);
        account.version += 1;
        account.document = { ...account.document, ...values.changes, updatedAt };
        expectDone(answer, { status: 200, etag: toEtag(account.version), body: account.document });
      }
    },
    hasSessions,
  );

export const eraseUser = (values: { as: number; own: boolean }) =>
  command(
    'erase',
    values,
    async (model, { send }) => {
      const session = pick(model.sessions, values.as);
      const account = values.own ? session.account : pick(model.accounts, values.as);
      const answer = await send({ method: 'DELETE', url: pathOf(account), headers: bearer(session.accessToken) });

      if (isRefused(session, answer)) return;
      if (session.account !== account) {
        expectRefused(answer, 404, 'USER_NOT_FOUND');
        return;
      }
      expectDone(answer, { status: 204, body: undefined });
      account.erased = true;
      endSessions(model, account);
      expect(living(model)).not.toContain(account);
    },
    hasSessions,
  );

const key = fc.option(fc.constantFrom('key-1', 'key-2', 'key-3'), { nil: undefined });
const changes = fc
  .record({ username, name, email }, { requiredKeys: [] })
  .filter((some) => Object.keys(some).length > 0);

export const accountCommands = {
  register: fc.tuple(fc.record({ username, name, email, password }), key).map(([all, one]) => registerUser(all, one)),
  read: fc
    .record({
      ...{ as: fc.nat(99), whose: fc.nat(99), service: fc.boolean() },
      fresh: fc.constantFrom('current', 'other', 'none'),
    })
    .map(readUser),
  change: fc
    .record({
      ...{ as: fc.nat(99), whose: fc.nat(4), changes },
      fresh: fc.constantFrom('current', 'current', 'current', 'stale', 'none'),
    })
    .map(changeProfile),
  erase: fc.record({ as: fc.nat(99), own: fc.boolean() }).map(eraseUser),
};
