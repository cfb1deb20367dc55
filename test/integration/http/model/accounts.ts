import fc from 'fast-check';
import { expect } from 'vitest';

import {
  bearer,
  command,
  expectResponse,
  expectProblem,
  hasSessions,
  expectRejectedIfEnded,
  pick,
  reauthenticate,
  toEtag,
  type HttpResponse,
} from './command.ts';
import {
  endSessions,
  existing,
  takenCodes,
  type Account,
  type StoredOutcome,
  type Model,
  type Profile,
  type UserRepresentation,
} from './model.ts';

export const PASSWORDS = ['three quiet rivers', 'four loud oceans', 'seven green hills'] as const;

// few values, in several cases, so that users often choose the same one
const NAMES = ['ann', 'Ann', 'ANN', 'bob', 'BOB', 'cleo', 'dora', 'emil'];
const username = fc.constantFrom(...NAMES);
const email = username.map((name) => `${name}@example.com`);
const name = fc.constantFrom('Ann Lee', 'Bob', 'Chloé “C” 李');
const password = fc.constantFrom(...PASSWORDS);

const pathOf = ({ representation }: Account): string => `/api/v1/users/${representation.id}`;

/** The registration of a key; it is deleted with its account. */
const storedFor = ({ registrationOfKey }: Model, key: string | undefined): StoredOutcome | undefined => {
  const stored = registrationOfKey.get(key ?? '');
  return stored?.account.erased === true ? undefined : stored;
};

const expectNew = (response: HttpResponse, profile: Profile): UserRepresentation => {
  const representation = JSON.parse(response.body) as UserRepresentation;
  const { id, createdAt } = representation;
  const expected = { id, ...profile, createdAt, updatedAt: createdAt };
  expectResponse(response, { status: 201, etag: '"1"', location: `/api/v1/users/${id}`, body: expected });
  return representation;
};

type Registration = Profile & { readonly password: string };
const FIELDS = ['username', 'name', 'email'] as const;

const expectReplayed = (response: HttpResponse, stored: StoredOutcome, sent: Registration): void => {
  const { representation, version, password } = stored.account;
  const isSameProfile = FIELDS.every((field) => representation[field] === sent[field]); // eslint-disable-line security/detect-object-injection -- one of three names
  const couldBeIt = version > 1 || isSameProfile;
  if (!stored.closed && couldBeIt && password === sent.password) {
    const location = `/api/v1/users/${representation.id}`;
    expectResponse(response, { status: 201, etag: toEtag(version), location, body: representation });
    return;
  }
  if (couldBeIt) stored.closed = true;
  expectProblem(response, 422, 'IDEMPOTENCY_KEY_REUSED');
};

export const registerUser = (registration: Registration, key?: string) =>
  command('register', { ...registration, key }, async (model, { send }) => {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    const response = await send({ method: 'POST', url: '/api/v1/users', headers, payload: registration });
    const stored = storedFor(model, key);
    if (stored !== undefined) {
      expectReplayed(response, stored, registration);
      return;
    }
    const taken = takenCodes(model, registration);
    if (taken.length > 0) {
      expectProblem(response, 409, ...taken);
      return;
    }
    const { password: chosen, ...profile } = registration;
    const representation = expectNew(response, profile);
    const account: Account = {
      ...{ representation, password: chosen, version: 1, erased: false },
      ...{ orders: [], orderOfKey: new Map() },
    };
    model.accounts.push(account);
    if (key !== undefined) model.registrationOfKey.set(key, { account, closed: false });
  });

/** As the user, or as a service that may read all users. */
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
      const response = await send({ method: 'GET', url: pathOf(account), headers });

      if (!values.service && expectRejectedIfEnded(session, response)) return;
      const isVisible = !account.erased && (values.service || session.account === account);
      if (!isVisible) expectProblem(response, 404, 'USER_NOT_FOUND');
      else if (values.fresh === 'current') expectResponse(response, { status: 304, etag, body: undefined });
      else expectResponse(response, { status: 200, etag, body: account.representation });
    },
    hasSessions,
  );

type Change = {
  as: number;
  whose: number;
  steppedUp: boolean;
  fresh: 'current' | 'stale' | 'none';
  changes: Partial<Profile>;
};

export const changeProfile = (values: Change) =>
  command(
    'change',
    values,
    async (model, { send }) => {
      const session = pick(model.sessions, values.as);
      const account = values.whose === 0 ? pick(model.accounts, values.as) : session.account;
      const version = { current: account.version, stale: account.version - 1, none: undefined }[values.fresh];
      const token = values.steppedUp ? await reauthenticate(send, session) : session.accessToken;
      const headers = { ...bearer(token), ...(version !== undefined && { 'if-match': toEtag(version) }) };
      const response = await send({ method: 'PATCH', url: pathOf(account), headers, payload: values.changes });

      if (expectRejectedIfEnded(session, response)) return;
      const taken = takenCodes(model, values.changes, account);
      if (values.fresh === 'none') expectProblem(response, 428, 'PRECONDITION_REQUIRED');
      else if (session.account !== account) expectProblem(response, 404, 'USER_NOT_FOUND');
      else if (values.changes.email !== undefined && !values.steppedUp)
        expectProblem(response, 401, 'REAUTHENTICATION_REQUIRED');
      else if (values.fresh === 'stale') expectProblem(response, 412, 'USER_VERSION_STALE');
      else if (taken.length > 0) expectProblem(response, 409, ...taken);
      else {
        const { updatedAt } = JSON.parse(response.body) as UserRepresentation;
        expect(updatedAt >= account.representation.updatedAt).toBe(true);
        account.version += 1;
        account.representation = { ...account.representation, ...values.changes, updatedAt };
        expectResponse(response, { status: 200, etag: toEtag(account.version), body: account.representation });
      }
    },
    hasSessions,
  );

export const eraseUser = (values: { as: number; own: boolean; steppedUp: boolean }) =>
  command(
    'erase',
    values,
    async (model, { send }) => {
      const session = pick(model.sessions, values.as);
      const account = values.own ? session.account : pick(model.accounts, values.as);
      const token = values.steppedUp ? await reauthenticate(send, session) : session.accessToken;
      const response = await send({ method: 'DELETE', url: pathOf(account), headers: bearer(token) });

      if (expectRejectedIfEnded(session, response)) return;
      if (session.account !== account) {
        expectProblem(response, 404, 'USER_NOT_FOUND');
        return;
      }
      if (!values.steppedUp) {
        expectProblem(response, 401, 'REAUTHENTICATION_REQUIRED');
        return;
      }
      expectResponse(response, { status: 204, body: undefined });
      account.erased = true;
      endSessions(model, account);
      expect(existing(model)).not.toContain(account);
    },
    hasSessions,
  );

const steppedUp = fc.constantFrom(true, true, false);
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
      ...{ as: fc.nat(99), whose: fc.nat(4), changes, steppedUp },
      fresh: fc.constantFrom('current', 'current', 'current', 'stale', 'none'),
    })
    .map(changeProfile),
  erase: fc.record({ as: fc.nat(99), own: fc.boolean(), steppedUp }).map(eraseUser),
};
