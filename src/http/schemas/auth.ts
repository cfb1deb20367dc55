import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;

export const loginBody = Type.Object(
  {
    login: Type.String({ description: 'Username or e-mail address, in any case.', examples: ['ann'] }),
    password: Type.String({ description: 'The one of the account.', examples: ['three quiet rivers'] }),
  },
  closed,
);

export const refreshBody = Type.Object(
  {
    refresh_token: Type.String({
      description: 'The newest one of the session; each works once.',
      examples: ['0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f14.kxN1vS2m'],
    }),
  },
  closed,
);

/** RFC 6749 section 4.4.2 in JSON. */
export const clientTokenBody = Type.Object(
  {
    grant_type: Type.Optional(Type.Literal('client_credentials', { description: 'The only kind; may be left out.' })),
    client_id: Type.String({ description: 'The name of the service.', examples: ['notification-service'] }),
    client_secret: Type.String({ description: 'Its secret.', examples: ['a secret of a service'] }),
    scope: Type.Optional(
      Type.String({ description: 'Space-separated; all that the client has unless told.', examples: ['users:read'] }),
    ),
  },
  closed,
);

const accessToken = {
  access_token: Type.String({
    description: 'Send it as `Authorization: Bearer …`.',
    examples: ['eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln'],
  }),
  token_type: Type.Literal('Bearer', { description: 'How to send it.' }),
  expires_in: Type.Integer({ description: 'Seconds.', examples: [300] }),
  scope: Type.String({ description: 'Space-separated; empty for users.', examples: ['users:read'] }),
};

/** RFC 6749 section 5.1. */
export const tokenSchema = Type.Object(accessToken);

export const sessionTokens = Type.Object({
  ...accessToken,
  refresh_token: Type.String({
    description: 'Good for one use, for the next pair of tokens.',
    examples: ['0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f14.kxN1vS2m'],
  }),
});
