// Who connects to the database. User and password come from one file, because two files tear: between their changes, a new user would be sent with
// the old password. https://developer.hashicorp.com/vault/docs/secrets/databases

import { Type } from 'typebox';
import { Value } from 'typebox/value';

import { CodedError, codeOf } from '../errors/coded-error.ts';

export type Credentials = {
  readonly user: string;
  readonly password: string;
  /** Unix time in seconds at which the server stops accepting them. Absent: never. */
  readonly expiresAt?: number | undefined;
};

/** A value that may change. `refresh` reads it again at once; without that, it may be a second old. */
export type Current<T> = (() => T) & { readonly refresh?: () => void };

const FILE = Type.Object({
  username: Type.String({ minLength: 1, maxLength: 63 }), // NAMEDATALEN - 1
  password: Type.String({ minLength: 1 }),
  expiresAt: Type.Optional(Type.Integer({ minimum: 1 })),
});

const NUL = '\0';
const invalid = (message: string): CodedError => new CodedError('SECRET_INVALID', message);

/**
 * @param text JSON: `{ "username": "…", "password": "…", "expiresAt": 1893456000 }`, the last in Unix seconds and optional
 * @throws CodedError without content of the text
 */
export const parseCredentials = (text: string): Credentials => {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw invalid('is not JSON');
  }
  if (!Value.Check(FILE, content))
    throw invalid('must be a JSON object with the texts username and password, and expiresAt, if any, in Unix seconds');
  const { username: user, password, expiresAt } = content;
  if (`${user}${password}`.includes(NUL)) throw invalid('contains a NUL character');
  return { user, password, expiresAt };
};

/** A login as the settings have it: one file with both, or a user and a file with the password. */
export type Login = {
  readonly user: string;
  readonly password?: Current<string> | undefined;
  /** Instead of user and password. */
  readonly credentials?: CurrentCredentials | undefined;
};

/** `adopt` takes changed credentials into use, see login.ts. */
export type CurrentCredentials = Current<Credentials> & { readonly adopt?: () => Promise<unknown> };

/** The newest credentials of a login. */
export const credentialsOf = ({ user, password, credentials }: Login): CurrentCredentials =>
  credentials ??
  Object.assign(() => ({ user, password: password?.() ?? '' }), {
    refresh: () => {
      password?.refresh?.();
    },
  });

export const isSameLogin = (a: Credentials, b: Credentials): boolean => a.user === b.user && a.password === b.password;

/** invalid_password, which is also the answer to a user that does not exist. */
export const isRefusedLogin = (error: unknown): boolean => codeOf(error) === '28P01';
