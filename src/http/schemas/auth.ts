import { Type } from 'typebox';
import { closed } from './paging.ts';

export const loginBody = Type.Object(
  {
    login: Type.String({ description: 'Username or e-mail address, in any case.', examples: ['ann'] }),
    password: Type.String({ description: 'The account’s password.', examples: ['three quiet rivers'] }),
  },
  closed,
);

export const reauthenticationBody = Type.Object(
  { password: Type.String({ description: 'The account’s password.', examples: ['three quiet rivers'] }) },
  closed,
);

export const refreshBody = Type.Object(
  {
    refresh_token: Type.String({
      description: 'The newest refresh token of the session. Single use.',
      examples: ['0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f14.kxN1vS2m'],
    }),
  },
  closed,
);

/** RFC 6749 section 4.4.2 in JSON. */
export const clientTokenBody = Type.Object(
  {
    grant_type: Type.Optional(
      Type.Literal('client_credentials', { description: 'The only supported grant. Optional.' }),
    ),
    client_id: Type.String({ description: 'Id of the client.', examples: ['notification-service'] }),
    client_secret: Type.String({ description: 'Secret of the client.', examples: ['a secret of a service'] }),
    scope: Type.Optional(
      Type.String({
        description: 'Space-separated scopes. Default: all scopes granted to the client.',
        examples: ['users:read'],
      }),
    ),
  },
  closed,
);

const accessToken = {
  access_token: Type.String({
    description: 'Send it as `Authorization: Bearer …`.',
    examples: ['eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln'],
  }),
  token_type: Type.Literal('Bearer', { description: 'Type of the access token.' }),
  expires_in: Type.Integer({ description: 'Lifetime of the access token in seconds.', examples: [300] }),
  scope: Type.String({ description: 'Granted scopes, space-separated; empty for users.', examples: ['users:read'] }),
};

/** RFC 6749 section 5.1. */
export const tokenSchema = Type.Object(accessToken);

export const sessionTokens = Type.Object({
  ...accessToken,
  refresh_token: Type.String({
    description: 'Single use; exchange it for a new token pair.',
    examples: ['0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f14.kxN1vS2m'],
  }),
});
