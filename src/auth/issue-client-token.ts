// Client credentials grant (RFC 6749 section 4.4) for services. Clients are read from a secret file, so adding one or rotating a secret needs no
// restart.

import { createHash, timingSafeEqual } from 'node:crypto';

import { AuthError } from './errors.ts';
import type { AuthTelemetry, TokenResponse } from './ports.ts';
import type { IssueToken } from './tokens/token-issuer.ts';

type Deps = {
  /** JSON: `{ "<client id>": { "secretSha256": ["<hex>", …], "scopes": ["users:read"] } }`. Two hashes while a secret is rotated. */
  readonly readClients: () => string;
  readonly issueToken: IssueToken;
  readonly telemetry: Pick<AuthTelemetry, 'clientTokenIssued'>;
};

type Client = { readonly secretSha256: readonly string[]; readonly scopes: readonly string[] };
type Request = { readonly clientId: string; readonly clientSecret: string; readonly scope?: string };

/** An unknown client id takes the same path as a wrong secret. */
const UNKNOWN_CLIENT: Client = { secretSha256: ['0'.repeat(64)], scopes: [] };

const findClient = (text: string, id: string): Client => {
  const clients = new Map(Object.entries(JSON.parse(text) as Record<string, Client>));
  return clients.get(id) ?? UNKNOWN_CLIENT;
};

const isSecretOf = ({ secretSha256 }: Client, secret: string): boolean => {
  const given = createHash('sha256').update(secret).digest();
  return (
    secretSha256
      .map((hex) => Buffer.from(hex, 'hex'))
      .filter((stored) => stored.length === 32 && timingSafeEqual(stored, given)).length > 0
  );
};

/** The requested scopes. Default: all scopes of the client. */
const grant = ({ scopes }: Client, requested: string | undefined): readonly string[] => {
  if (requested === undefined) return scopes;
  const names = requested.split(' ').filter((scope) => scope !== '');
  if (!names.every((scope) => scopes.includes(scope)))
    throw new AuthError('SCOPE_MISSING', 'The client is not granted this scope.');
  return names;
};

/** @throws AuthError CLIENT_CREDENTIALS_WRONG | SCOPE_MISSING */
export const makeIssueClientToken =
  ({ readClients, issueToken, telemetry }: Deps) =>
  async ({ clientId, clientSecret, scope }: Request): Promise<TokenResponse> => {
    const client = findClient(readClients(), clientId);
    if (!isSecretOf(client, clientSecret))
      throw new AuthError('CLIENT_CREDENTIALS_WRONG', 'Client id or secret is wrong.');
    const response = await issueToken({ subject: clientId, clientId, scopes: grant(client, scope) });
    telemetry.clientTokenIssued({ clientId });
    return response;
  };

export type IssueClientToken = ReturnType<typeof makeIssueClientToken>;
