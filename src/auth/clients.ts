// The services that may request tokens, as the secret AUTH_CLIENTS holds them.

import { Type } from 'typebox';
import { Value } from 'typebox/value';

import { CodedError } from '../errors/coded-error.ts';
import { SCOPES } from './principal.ts';

/** Two hashes while a secret is rotated. */
export type Client = { readonly secretHashes: readonly Buffer[]; readonly scopes: readonly string[] };
export type Clients = ReadonlyMap<string, Client>;

const ID = /^[^\s\p{Cc}]{1,100}$/u;
const HASHES = Type.Array(Type.String({ pattern: '^[0-9a-fA-F]{64}$' }), { minItems: 1, maxItems: 10 });

const invalid = (message: string): CodedError => new CodedError('SECRET_INVALID', message);

const toObject = (text: string): object => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('must be a JSON object with a member for each client');
  return value;
};

const isScope = (name: unknown): boolean => SCOPES.some((scope) => scope === name);

/** Names a client by its position: ids are content, too. */
const toClient = (id: string, value: unknown, index: number): Client => {
  const fault = (detail: string): CodedError => invalid(`has a client (number ${index + 1}) ${detail}`);
  if (!ID.test(id)) throw fault('whose id is not 1 to 100 characters without spaces');
  if (typeof value !== 'object' || value === null) throw fault('that is not an object');
  const { secretSha256, scopes } = value as { secretSha256?: unknown; scopes?: unknown };
  if (!Value.Check(HASHES, secretSha256))
    throw fault('whose secretSha256 is not a list of 1 to 10 SHA-256 hashes of 64 hexadecimal digits');
  if (!Array.isArray(scopes) || !scopes.every(isScope))
    throw fault(`whose scopes are not a list of ${SCOPES.join(', ')}`);
  return { secretHashes: secretSha256.map((hex) => Buffer.from(hex, 'hex')), scopes: scopes as string[] };
};

/**
 * @param text JSON: `{ "<client id>": { "secretSha256": ["<hex>", …], "scopes": ["users:read"] } }`
 * @throws CodedError without content of the text
 */
export const parseClients = (text: string): Clients =>
  new Map(Object.entries(toObject(text)).map(([id, client], index) => [id, toClient(id, client, index)]));
