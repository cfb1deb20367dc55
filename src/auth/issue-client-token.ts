// Client credentials grant (RFC 6749 section 4.4) for services. Clients are read from a secret file, so adding one or rotating a secret needs no
// restart. A removed client gets no more tokens; those that it has are valid until they expire.

import { createHash, timingSafeEqual } from 'node:crypto';

import type { Client, Clients } from './clients.ts';
import { AuthError } from './errors.ts';
import type { AuthTelemetry, TokenResponse } from './ports.ts';
import type { IssueToken } from './tokens/token-issuer.ts';

type Deps = {
  /** The current clients. */
  readonly readClients: () => Clients;
  readonly issueToken: IssueToken;
  readonly telemetry: Pick<AuthTelemetry, 'clientTokenIssued' | 'clientTokenRefused'>;
};

type Request = { readonly clientId: string; readonly clientSecret: string; readonly scope?: string };

/** An unknown client id takes the same path as a wrong secret. */
const UNKNOWN_CLIENT: Client = { secretHashes: [Buffer.alloc(32)], scopes: [] };

/** Compares all hashes, whichever is the right one. */
const isSecretOf = ({ secretHashes }: Client, secret: string): boolean => {
  const given = createHash('sha256').update(secret).digest();
  return secretHashes.filter((stored) => timingSafeEqual(stored, given)).length > 0;
};

/** The requested scopes, undefined when the client lacks one. Default: all scopes of the client. */
const grant = ({ scopes }: Client, requested: string | undefined): readonly string[] | undefined => {
  if (requested === undefined) return scopes;
  const names = requested.split(' ').filter((scope) => scope !== '');
  return names.every((scope) => scopes.includes(scope)) ? names : undefined;
};

/** @throws AuthError CLIENT_CREDENTIALS_WRONG | SCOPE_MISSING */
export const makeIssueClientToken =
  ({ readClients, issueToken, telemetry }: Deps) =>
  async ({ clientId, clientSecret, scope }: Request): Promise<TokenResponse> => {
    const known = readClients().get(clientId);
    const client = known ?? UNKNOWN_CLIENT;
    if (!isSecretOf(client, clientSecret)) {
      telemetry.clientTokenRefused({ clientId: known && clientId, reason: 'credentials' });
      throw new AuthError('CLIENT_CREDENTIALS_WRONG', 'Client id or secret is wrong.');
    }
    const scopes = grant(client, scope);
    if (scopes === undefined) {
      telemetry.clientTokenRefused({ clientId, reason: 'scope' });
      throw new AuthError('SCOPE_MISSING', 'The client is not granted this scope.');
    }
    const response = await issueToken({ subject: clientId, clientId, scopes });
    telemetry.clientTokenIssued({ clientId });
    return response;
  };

export type IssueClientToken = ReturnType<typeof makeIssueClientToken>;
